"""What a question answers with: a row, whose columns are attributes."""

from collections import namedtuple
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Result, Row

AnyRow = Row[*tuple[Any, ...]]


def first(result: Result[*tuple[Any, ...]]) -> AnyRow | None:
    """The first row as a named tuple, or None. See `every`."""
    row = result.first()
    return row if row is None else cast("AnyRow", _kind(row._fields)._make(row))


def every(result: Result[*tuple[Any, ...]]) -> Sequence[AnyRow]:
    """All rows as named tuples: their attributes cost a twentieth of those of SQLAlchemy's rows (1.3 µs each)."""
    make = _kind(tuple(result.keys()))._make
    return [cast("AnyRow", make(row)) for row in result.all()]


@cache
def _kind(names: tuple[str, ...]) -> Any:
    return namedtuple("Kind", names)  # noqa: PYI024 - the columns are known when the question is
