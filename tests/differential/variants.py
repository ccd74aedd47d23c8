"""From one valid request, the many that are not quite: who asks, in which version, for what id, with what body."""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.differential.scenario import NEWEST, NOBODY, VERSIONS, Ask, Probe, Scenario, Step

VALUES: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "'True'": "True",
    "0": 0,
    "-1": -1,
    "1.5": 1.5,
    "2^31": 2**31,
    "'2'": "2",
    "''": "",
    "' '": " ",
    "'word'": "word",
    "' padded '": " padded ",
    "255 letters": "x" * 255,
    "256 letters": "x" * 256,
    "newline": "a\nb",
    "emoji": "\U0001f600",
    "an id": NOBODY,
    "[]": [],
    "['word']": ["word"],
    "{}": {},
    "{'k': 'v'}": {"k": "v"},
}
OBJECTS: Mapping[str, Any] = {
    "{'k': null}": {"k": None},
    "{'k': 1}": {"k": 1},
    "{'': 'v'}": {"": "v"},
    "{'k/é': 'v'}": {"k/é": "v"},
    "256 letters in a value": {"k": "x" * 256},
    "256 letters in a key": {"k" * 256: "v"},
}
"""For the fields that are `OBJECT_FIELDS`."""
OBJECT_FIELDS = {"metadata", "extra_specs", "group_specs", "connector", "ref"}
SHAPES: Mapping[str, bytes] = {
    "{}": b"{}",
    "[]": b"[]",
    "null": b"null",
    "a text": b'"text"',
    "a number": b"7",
    "not JSON": b"{",
    "not UTF-8": b'{"a": "\xff"}',
}


def roles(ask: Ask) -> list[Ask]:
    """Everybody else."""
    return [replace(ask, role=role) for role in ("member", "reader", "other")]


def versions(ask: Ask, since: int) -> list[Ask]:
    """The other versions, and the last one before the request is understood."""
    asked = {*VERSIONS, f"3.{since}", *([f"3.{since - 1}"] if since else [])} - {ask.version}
    return [replace(ask, version=version) for version in sorted(asked, key=lambda text: int(text[2:]))]


def ids(ask: Ask) -> Iterator[Ask]:
    """Each `{name}` of the path replaced by an id that nothing has, and by what is no id."""
    for name in re.findall(r"\{\w+\}", ask.path):
        yield replace(ask, path=ask.path.replace(name, NOBODY))
        yield replace(ask, path=ask.path.replace(name, "nope"))


def shapes(ask: Ask) -> Iterator[Ask]:
    """Bodies that are no such object at all."""
    for note, raw in SHAPES.items():
        yield replace(ask, raw=raw, note=f"body {note}")
    yield replace(ask, raw=b"", note="no body")
    yield replace(ask, headers={"Content-Type": "text/plain"}, note="plain text")
    if isinstance(ask.body, dict):
        yield replace(ask, body={**ask.body, "extra": {}}, note="extra key")
        for key in ask.body:
            for note in ("null", "[]", "{}", "'word'", "0", "true"):
                yield replace(ask, body={**ask.body, key: VALUES[note]}, note=f"{key}={note}")


def fields(ask: Ask, more: Iterable[str] = ()) -> Iterator[Ask]:
    """Each field of the inner object, also those named in `more`, with every kind of value, or gone."""
    for key, inner in ask.body.items():
        if not isinstance(inner, dict):
            continue
        for name in (*inner, *(name for name in more if name not in inner)):
            for note, value in {**VALUES, **(OBJECTS if name in OBJECT_FIELDS else {})}.items():
                yield _with(ask, key, {**inner, name: value}, f"{key}.{name}={note}")
            if name in inner:
                yield _with(ask, key, {k: v for k, v in inner.items() if k != name}, f"no {key}.{name}")
        yield _with(ask, key, {**inner, "unknown": "x"}, f"{key}.unknown")


def _with(ask: Ask, key: str, inner: Any, note: str) -> Ask:
    body = copy.deepcopy(ask.body)
    body[key] = inner
    return replace(ask, body=body, note=note)


def scenario(
    name: str,
    setup: Sequence[Step],
    ask: Ask,
    *,
    since: int = 0,
    more: Sequence[str] = (),
    look: Sequence[Ask] = (),
    also: Sequence[Ask] = (),
    in_versions: Sequence[str] = (NEWEST,),
) -> Scenario:
    """Everything about one operation. `more` are fields it has beside those of the valid body; `also` more requests.

    The fields are tried in each of `in_versions`.
    """
    asks = [ask, *versions(ask, since), *roles(ask), *ids(ask)]
    if ask.method in {"POST", "PUT"}:
        asks += shapes(ask)
        if isinstance(ask.body, dict):
            asks += [varied for version in in_versions for varied in fields(replace(ask, version=version), more)]
    return Scenario(name, setup, [Probe((one, *look)) for one in (*asks, *also)])


def lists(
    name: str, setup: Sequence[Step], path: str, *, since: int = 0, marker: str = "", filters: Sequence[str] = ()
) -> Scenario:
    """A collection with every parameter of paging, sorting and filtering."""
    words = [*_PAGING, *(f"marker={id}" for id in filter(None, (marker, NOBODY, "nope"))), *_FILTERS, *filters]
    if marker:
        words += [f"limit=1&marker={marker}", f"limit=2&marker={marker}&offset=1"]
    first = Ask("GET", path)
    asks = [first, *versions(first, since), *roles(first)]
    asks += [Ask("GET", f"{path}?{word}") for word in words]
    asks += [
        Ask("GET", f"{path}?{word}", role=role, version=version)
        for word in (*_OF_VERSIONS, *_FILTERS, *filters)
        for role, version in (("admin", f"3.{since}"), ("member", NEWEST), ("member", f"3.{since}"))
    ]
    return Scenario(name, setup, [Probe((ask,)) for ask in asks])


_PAGING = (
    "limit=0",
    "limit=1",
    "limit=2",
    "limit=3",
    "limit=1000",
    "limit=1001",
    "limit=-1",
    "limit=x",
    "limit=",
    "limit=1.0",
    "limit=99999999999",
    "offset=0",
    "offset=1",
    "offset=9",
    "offset=-1",
    "offset=x",
    "offset=",
    "offset=2147483647",
    "offset=2147483648",
    "limit=1&offset=1",
    "sort=created_at",
    "sort=created_at:asc",
    "sort=created_at:desc",
    "sort=created_at:up",
    "sort=name:asc",
    "sort=id&limit=0",
    "sort=id:asc,created_at:desc&limit=0",
    "sort=status",
    "sort=size:asc",
    "sort=nonsense",
    "sort=",
    "sort=:asc",
    "sort=name:asc,",
    "sort=created_at:asc&limit=1",
    "sort_key=created_at",
    "sort_key=name&sort_dir=asc",
    "sort_key=nonsense",
    "sort_key=created_at&sort_dir=up",
    "sort_dir=asc",
    "sort=name&sort_key=name",
    "with_count=true",
    "with_count=True&limit=1",
    "with_count=false",
    "with_count=x",
    "with_count=",
)
_OF_VERSIONS = ("with_count=true", "with_count=x", "sort=name:asc", "sort=nonsense", "limit=1")
_FILTERS = (
    "all_tenants=1",
    "all_tenants=0",
    "all_tenants=x",
    "all_tenants=",
    "all_tenants=1&project_id=b2",
    "project_id=b2",
    "name=one",
    "name=nothing",
    "name~=on",
    "status=available",
    "status=nonsense",
    "status=",
    "status~=avail",
    "id={volume}",
    "nonsense=1",
    "nonsense~=1",
    "é=1",
    "metadata={'k':'v'}",
    "metadata={'k':'w'}",
    "metadata=nonsense",
    "metadata=[]",
    "created_at=gt:2020-01-01T00:00:00",
    "created_at=lt:2020-01-01T00:00:00",
    "created_at=gt:2020-01-01,lt:2021-01-01T00:00:00",
    "created_at=2020-01-01T00:00:00",
    "created_at=xx:2020-01-01T00:00:00",
    "created_at=gt:nonsense",
    "updated_at=gte:2020-01-01T00:00:00",
)
