"""Rows by their id, as far as a project may see them: the predicate that keeps tenants apart stands here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from lapilli.db.rows import AnyRow, first
from lapilli.model.errors import NotFound


class Scoped:
    """Questions for single rows of a table. `scope` is a project, or None for those of all projects.

    `columns` are what a row has, and `kind` is what a missing one is called.
    """

    def __init__(self, table: Table, columns: Sequence[Any], kind: str) -> None:
        self._kind = kind
        self._any = select(*columns).where(table.c.id == bindparam("id"))
        self._mine = self._any.where(table.c.project_id == bindparam("scope"))
        self._locking_any, self._locking_mine = (each.with_for_update(of=table) for each in (self._any, self._mine))

    def find(self, tx: Connection, id: str, scope: str | None) -> AnyRow | None:
        """The row, or None if there is none in the scope."""
        if scope is None:
            return first(tx.execute(self._any, {"id": id}))
        return first(tx.execute(self._mine, {"id": id, "scope": scope}))

    def get(self, tx: Connection, id: str, scope: str | None) -> AnyRow:
        """The row; `NotFound` if there is none in the scope."""
        row = self.find(tx, id, scope)
        if row is None:
            raise NotFound(self._kind, id)
        return row

    def lock(self, tx: Connection, id: str, scope: str | None) -> AnyRow:
        """`get`, and no other transaction changes the row before this one has ended."""
        question = self._locking_any if scope is None else self._locking_mine
        row = first(tx.execute(question, {"id": id, "scope": scope}))
        if row is None:
            raise NotFound(self._kind, id)
        return row
