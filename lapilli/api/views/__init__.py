"""How resources look on the wire: fields as data, each with the microversion that brought it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from lapilli.api.request import Request

Getter = Callable[[Any], Any]
"""row → value of a field."""


class Field(NamedTuple):
    """A field of a view. `rule` is the policy rule without which a caller does not see it."""

    name: str
    value: Getter
    since: int = 0
    rule: str = ""


def field(name: str, value: Getter | str | None = None, *, since: int = 0, rule: str = "") -> Field:
    """A field whose value is a function of the row, or the row's column of that name."""
    getter = value if callable(value) else attrgetter(value or name)
    return Field(name, getter, since, rule)


@dataclass(frozen=True)
class View:
    """The fields of a resource, in their order."""

    fields: tuple[Field, ...]

    def for_request(self, request: Request) -> Callable[[Any], dict[str, Any]]:
        """A function row → object, with the fields that this version has and this caller may see."""
        shown = [
            (field.name, field.value)
            for field in self.fields
            if field.since <= request.minor and (not field.rule or request.allows(field.rule))
        ]
        return lambda row: {name: value(row) for name, value in shown}


def without(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The mapping less some names."""
    return {name: value for name, value in mapping.items() if name not in names}
