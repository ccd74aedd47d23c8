"""The OpenAPI document as a source of requests: a valid body for each thing that can be asked for."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import schemathesis
from hypothesis import strategies as st

from lapilli.api import openapi
from lapilli.api.microversions import NEWEST
from lapilli.api.request import Route
from lapilli.api.routes import ROUTES

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

    @property
    def since(self) -> int:
        """The minor version that brought it."""
        return max(self.route.since, self.route.actions[self.action].since if self.route.actions else 0)

    def schema(self, minor: int = NEWEST) -> dict[str, Any]:
        """The JSON schema of its body in a version; empty for a route without."""
        ((_, methods),) = json.loads(openapi.document([self.route], minor))["paths"].items()
        ((_, operation),) = methods.items()
        if "requestBody" not in operation:
            return {}
        schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
        if self.action:
            schema["properties"] = {self.action: schema["properties"][self.action]}
            schema["required"] = [self.action]
        return schema

    def bodies(self, minor: int = NEWEST) -> st.SearchStrategy[Any]:
        """Bodies that a version takes; None for a route without."""
        if self.route.schema is None:
            return st.none()
        know_formats()
        document = json.loads(openapi.document([self.route], minor))
        ((path, methods),) = document["paths"].items()
        ((method, operation),) = methods.items()
        operation["requestBody"]["content"]["application/json"]["schema"] = self.schema(minor)
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
