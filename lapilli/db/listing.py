"""Lists in pages: filter, sort by any listed column, and resume after a marker, all along an index."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal, or_, select

from lapilli.db.rows import AnyRow, every
from lapilli.model.errors import NotFound


@dataclass(frozen=True)
class Page:
    """What part of a list is asked for.

    `sort` holds (column, is_descending) pairs of the table's own columns. `conditions` narrow the list. `project_id`
    None means the lists of all projects: the caller has made sure that it may see them.
    """

    project_id: str | None
    limit: int = 1000
    offset: int = 0
    marker: str | None = None
    sort: Sequence[tuple[str, bool]] = (("created_at", True),)
    conditions: Sequence[ColumnElement[bool]] = field(default_factory=tuple)


def rows_of(tx: Connection, table: Table, columns: Sequence[Any], page: Page, kind: str) -> Sequence[AnyRow]:
    """The rows of the page. `NotFound` when the marker is no row that the caller can see."""
    if page.limit == 0:
        return []
    keys = _sort_keys(table, page.sort)
    question = select(*columns).where(*_conditions(table, page))
    if page.marker is not None:
        question = question.where(_after(tx, table, keys, page, kind))
    order = [column.desc() if is_descending else column.asc() for column, is_descending in keys]
    return every(tx.execute(question.order_by(*order).limit(page.limit).offset(page.offset)))


def count_of(tx: Connection, table: Table, page: Page) -> int:
    """How many rows the page's filters leave, before paging."""
    counting = select(func.count()).select_from(table).where(*_conditions(table, page))
    return tx.execute(counting).scalar_one()


def _conditions(table: Table, page: Page) -> list[ColumnElement[bool]]:
    mine = [] if page.project_id is None else [table.c.project_id == page.project_id]
    return [*mine, *page.conditions]


def _sort_keys(table: Table, sort: Sequence[tuple[str, bool]]) -> list[tuple[Any, bool]]:
    """The columns to order by: those asked for, then created_at and id in the direction of the first."""
    names = {name for name, _ in sort}
    rest = [(name, sort[0][1]) for name in ("created_at", "id") if name not in names and "id" not in names]
    # Nullable columns are sorted by their key, where NULL is the lowest value.
    return [(table.c.get(f"{name}_key", table.c[name]), down) for name, down in (*sort, *rest)]


def _after(tx: Connection, table: Table, keys: list[tuple[Any, bool]], page: Page, kind: str) -> ColumnElement[bool]:
    """What holds for the rows behind the marker's: for keys a, b: a ≤ x and (a < x or (a = x and b < y)).

    The first comparison says nothing new, but it is the one that databases look up in an index.
    """
    mine = [] if page.project_id is None else [table.c.project_id == page.project_id]
    seen = select(*(column for column, _ in keys)).where(table.c.id == page.marker, *mine)
    values = tx.execute(seen).first()
    if values is None:
        raise NotFound(kind, str(page.marker))
    behind: ColumnElement[bool] | None = None
    marks = [literal(value, column.type) for (column, _), value in zip(keys, values, strict=True)]
    for (column, down), value in reversed(list(zip(keys, marks, strict=True))):
        further = column < value if down else column > value
        behind = further if behind is None else or_(further, and_(column == value, behind))
    first, down = keys[0]
    bound = first <= marks[0] if down else first >= marks[0]
    return and_(bound, behind) if behind is not None else bound
