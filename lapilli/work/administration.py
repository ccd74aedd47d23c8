"""What people may do with operations: look at them, hurry one that waits, and ask one to give up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from lapilli.db.clock import now_s, now_text
from lapilli.db.rows import AnyRow
from lapilli.db.schema import holds, operations
from lapilli.model.errors import Conflict, NotFound

# In how many seconds a live operation is looked at next, for people.
_DUE_IN_S = (operations.c.due_at - now_s()).label("due_in_s")


def list_newest(
    tx: Connection,
    *,
    is_live: bool | None = None,
    outcome: str | None = None,
    kind: str | None = None,
    queue: str | None = None,
    subject: str | None = None,
    limit: int = 100,
) -> Sequence[AnyRow]:
    """The newest operations that fit all that is given, each with all columns and `due_in_s`.

    `outcome` is `done`, `failed`, `refused` or `cancelled`.
    """
    given = (
        (operations.c.outcome, outcome),
        (operations.c.kind, kind),
        (operations.c.queue, queue),
        (operations.c.subject, subject),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in given if value is not None]
    if is_live is not None:
        conditions.append(operations.c.outcome.is_(None) if is_live else operations.c.outcome.is_not(None))
    order = (operations.c.created_at.desc(), operations.c.id.desc())
    return tx.execute(select(operations, _DUE_IN_S).where(*conditions).order_by(*order).limit(limit)).all()


def show(tx: Connection, id: str) -> tuple[AnyRow, Sequence[str]]:
    """An operation with `due_in_s`, and the resources that it holds; `NotFound` if there is none."""
    row = tx.execute(select(operations, _DUE_IN_S).where(operations.c.id == id)).first()
    if row is None:
        raise NotFound("Operation", id)
    held = select(holds.c.resource).where(holds.c.operation == id).order_by(holds.c.resource)
    return row, tx.execute(held).scalars().all()


def failing(tx: Connection, failures: int) -> Sequence[AnyRow]:
    """The live operations whose present step has failed so often, the oldest first, with all columns."""
    wanted = (operations.c.due_at.is_not(None), operations.c.failures >= failures)
    return tx.execute(select(operations).where(*wanted).order_by(operations.c.created_at, operations.c.id)).all()


def retry(tx: Connection, id: str) -> str:
    """Make a waiting operation due now, with all its patience; returns the queue, to be rung.

    Raises `Conflict` when it has finished or somebody works on it: there is nothing to hurry then.
    """
    waiting = _live(id) & operations.c.worker.is_(None)
    if not _write(tx, waiting, due_at=now_s(), failures=0):
        row, _ = show(tx, id)
        if row.outcome is not None:
            raise _has_finished(row, "It has let go of what it held: ask for the same again instead.")
        raise Conflict(f"{row.worker} is working on operation {id} now, at step {row.step}.")
    return str(show(tx, id)[0].queue)


def cancel(tx: Connection, id: str) -> str:
    """Ask an operation to give up; returns the queue, to be rung.

    One that waits does so at once, one that is worked on when its worker next asks. What it did is undone as after a
    fault. Raises `Conflict` when it has finished.
    """
    if not _write(tx, _live(id), cancel_requested=True):
        raise _has_finished(show(tx, id)[0], "It can no longer be cancelled.")
    _write(tx, _live(id) & operations.c.worker.is_(None), due_at=now_s())
    return str(show(tx, id)[0].queue)


def _live(id: str) -> ColumnElement[bool]:
    return (operations.c.id == id) & operations.c.outcome.is_(None)


def _write(tx: Connection, which: ColumnElement[bool], **values: Any) -> int:
    return tx.execute(update(operations).where(which).values(**values, updated_at=now_text())).rowcount


def _has_finished(row: AnyRow, advice: str) -> Conflict:
    why = f" ({row.error})" if row.error else ""
    return Conflict(f"Operation {row.id} has finished at {row.finished_at}: {row.outcome}{why}. {advice}")
