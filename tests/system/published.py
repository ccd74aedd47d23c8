"""The OpenAPI document as a source of requests: a valid body for each thing that can be asked for."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import schemathesis
from hypothesis import strategies as st

from lapilli.api import openapi
from lapilli.api.request import Route
from lapilli.api.routes import ROUTES
from lapilli.api.versions import NEWEST

_WORDS = st.text("abcXYZ 019.-", min_size=1, max_size=20).map(lambda text: f"x{text}")
_FORMATS = {
    "size": st.integers(1, 9).map(str),
    "count": st.integers(0, 9).map(str),
    "boolean": st.sampled_from(["true", "False", "1", "off"]),
    "printable": _WORDS,
    "not-blank": _WORDS,
}


def know_formats() -> None:
    """Tell schemathesis what texts of the formats of `lapilli.api.formats` look like."""
    for name, strategy in _FORMATS.items():
        schemathesis.openapi.format(name, strategy)


class Deed(NamedTuple):
    """A route, and for the URL of actions the one that is asked for."""

    route: Route
    action: str = ""

    def __str__(self) -> str:
        return f"{self.route.method} {self.route.path} {self.action}".rstrip()

    def bodies(self) -> st.SearchStrategy[Any]:
        """Bodies that the newest version takes; None for a route without."""
        if self.route.schema is None:
            return st.none()
        know_formats()
        document = json.loads(openapi.document([self.route], NEWEST))
        ((path, methods),) = document["paths"].items()
        ((method, operation),) = methods.items()
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        if self.action:
            schema["properties"] = {self.action: schema["properties"][self.action]}
            schema["required"] = [self.action]
        found = schemathesis.openapi.from_dict(document)[path][method.upper()]
        return found.as_strategy().map(lambda case: case.body)


def deeds() -> Iterator[Deed]:
    """Everything that can be asked for."""
    for route in ROUTES:
        if not route.path.endswith("/action"):
            yield Deed(route)
            continue
        assert route.schema
        for action in route.schema[max(route.schema)]["properties"]:
            yield Deed(route, action)
