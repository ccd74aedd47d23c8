"""The OpenAPI document of a microversion, made from the same routes, filters and schemas that answer and validate."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from lapilli.api.paging import PAGING
from lapilli.api.request import Route
from lapilli.api.resource_filters import FILTERS

_REFUSALS: Final = {
    "400": "The request is malformed, or the resource is not in a state that allows it.",
    "401": "Nobody is known behind the request.",
    "403": "The policy does not allow it.",
    "404": "There is no such resource in this project.",
    "406": "The microversion is not served.",
    "409": "Something with this name exists, or the resource is in use.",
    "413": "A quota or a limit of the request's size is exceeded.",
    "415": "The body is not JSON.",
    "503": "A part that is needed does not answer now.",
}
_OTHERS: Final = {
    200: "Done, with an answer.",
    412: "The client has seen another version of it.",
    500: "The storage backend could not do it.",
}
_LISTS: Final = {
    "/volumes": "volume",
    "/volumes/detail": "volume",
    "/snapshots": "snapshot",
    "/snapshots/detail": "snapshot",
    "/attachments": "attachment",
    "/attachments/detail": "attachment",
    "/types": "volume_type",
}
"""The lists that take filters and pages, with their key in `resource_filters.FILTERS`."""
_FAULT: Final = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [
            {
                "type": "object",
                "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
                "required": ["code", "message"],
            },
            {"type": "string"},
        ]
    },
}


def document(routes: Sequence[Route], minor: int) -> bytes:
    """The document of microversion 3.`minor`, as JSON."""
    return _document(tuple(routes), minor)


@cache
def _document(routes: tuple[Route, ...], minor: int) -> bytes:
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.since <= minor:
            paths.setdefault(f"/v3{route.path}", {})[route.method.lower()] = _operation(route, minor)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Block Storage API", "version": f"3.{minor}"},
            "paths": paths,
            "components": {"schemas": {"Fault": _FAULT}},
        }
    )


def _operation(route: Route, minor: int) -> dict[str, Any]:
    version = {
        "name": "OpenStack-API-Version",
        "in": "header",
        "schema": {"type": "string", "enum": [f"volume 3.{minor}"]},
        "required": minor > 0,
    }
    ids = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}
    operation: dict[str, Any] = {
        "summary": route.summary or (route.handler.__doc__ or "").strip().partition("\n")[0],
        "operationId": f"{route.method.lower()}{route.path}",
        "parameters": [version, *ids, *_query(route, minor)],
        "responses": {
            str(route.success): {"description": "As asked."},
            **{str(code): {"description": _OTHERS[code]} for code in route.also},
            **{code: {"description": words, "content": refusal} for code, words in _REFUSALS.items()},
        },
    }
    if route.schema is not None:
        since = max(version for version in route.schema if version <= minor)
        content = {"application/json": {"schema": route.schema[since]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _query(route: Route, minor: int) -> list[Mapping[str, Any]]:
    """The parameters of a list, each a text as far as JSON's types go."""
    kind = _LISTS.get(route.path) if route.method == "GET" else None
    if kind is None:
        return []
    names = {name for name in FILTERS[kind].names if FILTERS[kind].since.get(name, 0) <= minor} | PAGING
    return [{"name": name, "in": "query", "schema": {"type": "string"}} for name in sorted(names)]
