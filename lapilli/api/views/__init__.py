"""How resources look on the wire: fields as data, each with the microversion that brought it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from lapilli.api.request import Request
from lapilli.api.views.shapes import TEXT_OR_NULL, Shape, whole

Getter = Callable[[Any], Any]
"""row → value of a field."""


class Field(NamedTuple):
    """A field of a view. `rule` is the policy rule without which a caller does not see it."""

    name: str
    value: Getter
    since: int
    rule: str
    shape: Shape


def field(
    name: str,
    value: Getter | str | None = None,
    *,
    since: int = 0,
    rule: str = "",
    shape: Shape = TEXT_OR_NULL,
) -> Field:
    """A field whose value is a function of the row, or the row's column of that name; `shape` is its JSON schema."""
    getter = value if callable(value) else attrgetter(value or name)
    return Field(name, getter, since, rule, shape)


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

    def shape(
        self, minor: int, more: Mapping[str, Shape] | None = None, optional: Mapping[str, Shape] | None = None
    ) -> Shape:
        """The JSON schema of what it shows at this version, with what else is put beside its fields."""
        served = [field for field in self.fields if field.since <= minor]
        return whole(
            {**{field.name: field.shape for field in served if not field.rule}, **(more or {})},
            {**{field.name: field.shape for field in served if field.rule}, **(optional or {})},
        )


def without(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The mapping less some names."""
    return {name: value for name, value in mapping.items() if name not in names}
