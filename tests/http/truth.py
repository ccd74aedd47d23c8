"""Whether the service is as its published document says: asked of every answer and every parameter in the tests."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import fastjsonschema
import pytest

from lapilli.api import openapi
from lapilli.api.request import Answer, Handler, Reply, Request, Route
from lapilli.api.routes import ROUTES

_PROJECT = re.compile(r"^/v3(/(?=[0-9a-f-]+/)[^/]*(?=/))?")
_BEGIN_OF_REFUSALS = 300
_SEEN_ANOTHER = 412


def check(method: str, path: str, minor: int, asked: bytes, status: int, text: str) -> None:
    """Fail unless the status and the body are such as the route publishes. `path` is without query, `asked` a body."""
    route = _route(method, _PROJECT.sub("", path).removesuffix(".json"))
    if route is None:
        return
    where = f"{method} {path} at 3.{minor}"
    if minor < route.since:
        assert status >= _BEGIN_OF_REFUSALS, f"{where} is answered before its version"
    elif status >= _BEGIN_OF_REFUSALS:
        assert status in openapi.refusals(route, minor), f"{where} does not publish {status}: {text}"
        assert bool(text) is (status != _SEEN_ANOTHER), f"{where}: {status} with {text!r}"
    else:
        _check_success(route, minor, asked, status, text, where)


def _check_success(route: Route, minor: int, asked: bytes, status: int, text: str, where: str) -> None:
    published, answer = route.success, route.answer
    if route.actions:
        ((name, _),) = json.loads(asked).items()
        published, answer, since = route.actions[name]
        assert minor >= since, f"{where} does {name} before its version"
        where = f"{where}, {name}"
    assert status == published, f"{where} publishes {published}, and answers {status}"
    if answer is None:
        assert text == "", f"{where} publishes no body: {text}"
        return
    try:
        _checker(answer, minor)(text)
    except (ValueError, fastjsonschema.JsonSchemaException) as error:
        raise AssertionError(f"{where} is not as published: {error}\n{text}") from error


@cache
def _checker(answer: Answer, minor: int) -> Callable[[str], None]:
    """What fails for a text that is not as the schema says."""
    schema = answer(minor)
    if schema.get("type") == "string" and "contentSchema" not in schema:
        return lambda _text: None
    compiled = fastjsonschema.compile(json.loads(json.dumps(schema.get("contentSchema", schema))))
    return lambda text: compiled(json.loads(text))


def _route(method: str, path: str) -> Route | None:
    """The route, of which a path without parameters is meant before one with them."""
    fitting = [route for route in ROUTES if route.method == method and _pattern(route.path).fullmatch(path)]
    return min(fitting, key=lambda route: route.path.count("{"), default=None)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", path))


class Published(dict[str, str]):
    """A query of which only those parameters may be read by name that the route publishes at the version."""

    def __init__(self, query: Mapping[str, str], names: frozenset[str], where: str) -> None:
        super().__init__(query)
        self._names = names
        self._where = where

    def _check(self, name: object) -> None:
        if name not in self._names:
            # No AssertionError: the application would answer that with a 500.
            pytest.fail(f"{self._where} reads {name}, and does not publish it")

    def __getitem__(self, name: str) -> str:
        self._check(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._check(name)
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._check(name)
        return super().get(name, default)


def watched(routes: Sequence[Route]) -> tuple[Route, ...]:
    """The routes, with handlers that are given their queries as `Published`."""
    return tuple(replace(route, handler=_watched(route)) for route in routes)


def _watched(route: Route) -> Handler:
    def handle(request: Request, *ids: str) -> Reply:
        names = frozenset(route.parameters(request.minor))
        where = f"{route.method} {route.path} at 3.{request.minor}"
        return route.handler(request._replace(query=Published(request.query, names, where)), *ids)

    return handle
