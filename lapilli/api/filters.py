"""Filters of lists: how a query parameter becomes a condition on a column."""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Boolean, Column, ColumnElement, Integer, and_, false

from lapilli.api.formats import BOOL, MOST, to_bool
from lapilli.api.paging import first_of, flag
from lapilli.api.request import Parameter
from lapilli.api.resource_filters import FILTERS, Allowed
from lapilli.model.errors import Malformed

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": MOST}


class Filter(NamedTuple):
    """The condition that a parameter's text is, and the JSON schema of its value."""

    condition: Callable[[str], ColumnElement[bool]]
    shape: Mapping[str, Any] = _TEXT


_TIME: Final = re.compile(r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?(Z|\+00:00)?$")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: column != value,
}


def equals(column: Column[Any]) -> Filter:
    """The column has the value; of a nullable text column, the indexed key is compared."""

    def compare(value: str) -> ColumnElement[bool]:
        if isinstance(column.type, Boolean):
            return column == to_bool(value) if flag({column.name: value}, column.name) or value else false()
        if _is_number(column):
            return column == int(value) if re.fullmatch(r"[0-9]{1,10}", value) and int(value) <= MOST else false()
        key = column.table.c.get(f"{column.name}_key")
        return column == value if key is None or not value else and_(key == value, column.is_not(None))

    return Filter(compare, BOOL if isinstance(column.type, Boolean) else _NUMBER if _is_number(column) else _TEXT)


def _is_number(column: Column[Any]) -> bool:
    return isinstance(column.type, Integer)


def times(column: Column[Any]) -> Filter:
    """The column is as the comparisons say: `gt:2026-01-01,lte:2026-02-01T12:00:00`."""
    indexed = column.table.c.get(f"{column.name}_key", column)

    def compare(value: str) -> ColumnElement[bool]:
        conditions = []
        for part in value.split(","):
            operator, _, time = part.partition(":")
            if operator not in _COMPARE or not _TIME.match(time):
                raise Malformed(f"{column.name}: {part!r} is no comparison such as gt:2026-11-20T10:00:00.")
            conditions.append(_COMPARE[operator](indexed, time.removesuffix("Z").removesuffix("+00:00")))
        return and_(*conditions)

    return Filter(compare)


def pairs(has: Callable[[str, str], ColumnElement[bool]]) -> Filter:
    """The metadata has every pair of a dictionary: `{'key': 'value'}`."""

    def compare(value: str) -> ColumnElement[bool]:
        wanted = dictionary("metadata", value)
        return and_(*(has(str(key), str(wanted[key])) for key in wanted))

    return Filter(compare)


def dictionary(name: str, text: str) -> dict[Any, Any]:
    """A parameter that is a dictionary in Python's notation, which JSON of texts is too."""
    try:
        wanted = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        wanted = None
    if not isinstance(wanted, dict) or not wanted:
        raise Malformed(f"{name} must be a dictionary such as {{'key': 'value'}}, not {text!r}.")
    return wanted


def contains(column: Column[Any]) -> Filter:
    """The column has the text somewhere in it: the `name~` form, from 3.34."""
    return Filter(lambda value: column.contains(value, autoescape=True))


def texts(**columns: Column[Any]) -> dict[str, Filter]:
    """Filters of text columns, each by its value and, as `name~`, by a part of it."""
    whole = {name: equals(column) for name, column in columns.items()}
    return whole | {f"{name}~": contains(column) for name, column in columns.items()}


def condition(known: Mapping[str, Filter], name: str, value: str) -> ColumnElement[bool]:
    """The condition of a parameter. An administrator's unknown one leaves nothing of the list, as in Cinder."""
    return known[name].condition(value) if name in known else false()


def parameters(known: Mapping[str, Filter], kind: str = "") -> tuple[Parameter, ...]:
    """The filters as parameters of a list of this kind (a key of `resource_filters.FILTERS`, if it is one)."""
    allowed = FILTERS[kind] if kind else Allowed(())
    return tuple(Parameter(name, each.shape, first_of(allowed, name)) for name, each in known.items())
