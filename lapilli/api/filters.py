"""Filters of lists: how a query parameter becomes a condition on a column."""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Boolean, Column, ColumnElement, Integer, and_, false

from lapilli.api.formats import MOST, to_bool
from lapilli.api.paging import flag
from lapilli.model.errors import Malformed

Filter = Callable[[str], ColumnElement[bool]]
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
        if isinstance(column.type, Integer):
            return column == int(value) if re.fullmatch(r"[0-9]{1,10}", value) and int(value) <= MOST else false()
        key = column.table.c.get(f"{column.name}_key")
        return column == value if key is None or not value else and_(key == value, column.is_not(None))

    return compare


def times(column: Column[Any]) -> Filter:
    """The column is as the comparisons say: `gt:2026-01-01,lte:2026-02-01T12:00:00`."""
    indexed = column.table.c.get(f"{column.name}_key", column)

    def compare(value: str) -> ColumnElement[bool]:
        conditions = []
        for part in value.split(","):
            operator, colon, time = part.partition(":")
            if not colon or operator not in _COMPARE:
                operator, time = "eq", part
            if not _TIME.match(time):
                raise Malformed(f"{column.name}: {time!r} is not a time such as 2026-11-20T10:00:00.")
            conditions.append(_COMPARE[operator](indexed, time.removesuffix("Z").removesuffix("+00:00")))
        return and_(*conditions)

    return compare


def pairs(has: Callable[[str, str], ColumnElement[bool]]) -> Filter:
    """The metadata has every pair of a dictionary: `{'key': 'value'}`."""

    def compare(value: str) -> ColumnElement[bool]:
        wanted = dictionary("metadata", value)
        return and_(*(has(str(key), str(wanted[key])) for key in wanted))

    return compare


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
    return lambda value: column.contains(value, autoescape=True)


def condition(known: Mapping[str, Filter], name: str, value: str) -> ColumnElement[bool]:
    """The condition of a parameter. An administrator's unknown one leaves nothing of the list, as in Cinder."""
    return known[name](value) if name in known else false()
