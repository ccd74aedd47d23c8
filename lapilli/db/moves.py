"""The one writer of statuses: an event of a state table, as a compare-and-swap."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db import notifications
from lapilli.db.clock import now_text
from lapilli.db.prepared import write
from lapilli.db.schema import history
from lapilli.model.errors import Conflict, NotFound
from lapilli.model.notifications import RESET
from lapilli.model.states import GONE, States

_REMEMBERING: Final = insert(history).values(at=now_text())


class Mover:
    """Writes the statuses of one table, as its state table allows, and keeps the history."""

    def __init__(
        self,
        table: Table,
        states: States,
        *,
        at_rest: ColumnElement[bool] | None = None,
        despite: frozenset[str] = frozenset(),
    ) -> None:
        """`at_rest` is a further condition of all events but those of `despite`: nobody is migrating the resource."""
        self._table = table
        self._states = states
        self._moved = {"by_hand": False} if "by_hand" in table.c else {}
        self._adding = insert(table).values(created_at=now_text())
        change, remove = update(table).values(updated_at=now_text()), delete(table)
        mine = table.c.id == bindparam("which")
        starts = {event: mine & table.c.status.in_(move.frm) for event, move in states.moves.items()}
        if at_rest is not None:
            starts |= {event: start & at_rest for event, start in starts.items() if event not in despite}
        self._moving = {event: change.where(start) for event, start in starts.items()}
        self._removing = {event: remove.where(start) for event, start in starts.items()}

    def add(self, tx: Connection, event: str, **values: Any) -> None:
        """Insert a row in the status that the event leads to; `Conflict` if what it refers to was just deleted."""
        (status,) = self._states.moves[event].to
        try:
            write(tx, self._adding, {"status": status}, values)
        except IntegrityError as error:
            raise Conflict(f"What the {self._states.kind} belongs to has been deleted meanwhile.") from error
        remember(tx, self._states.kind, values["id"], event, status)
        notifications.tell(tx, self._states.kind, values["id"], event)

    def move(
        self, tx: Connection, id: str, event: str, to: str | None = None, *, detail: object = None, **values: Any
    ) -> None:
        """Write where the event leads (`to` where the table leaves a choice), with further columns.

        The history keeps `detail`, which is any JSON, when the row itself goes.

        Raises `NotFound` when there is no such row, and `Conflict`, worded from the table, when the row is not in a
        status that the event may start from; nothing is changed then.
        """
        status = _target(self._states.moves[event].to, to)
        if status == GONE:
            notifications.tell(tx, self._states.kind, id, event)
            changed = tx.execute(self._removing[event], {"which": id}).rowcount
        else:
            changed = write(tx, self._moving[event], {"which": id}, {"status": status, **self._moved, **values})
        if not changed:
            raise self._refusal(tx, id, event)
        remember(tx, self._states.kind, id, event, status, detail)
        if status != GONE:
            notifications.tell(tx, self._states.kind, id, event)

    def set(self, tx: Connection, id: str, status: str, **values: Any) -> None:
        """Write a status by hand, as an administrator may; `Conflict` for one that the table does not let them set."""
        if status not in self._states.settable:
            raise Conflict(
                f"{status} is not a status that can be set; choose from {', '.join(sorted(self._states.settable))}."
            )
        changed = update(self._table).where(self._table.c.id == id)
        if not tx.execute(changed.values(status=status, by_hand=True, updated_at=now_text(), **values)).rowcount:
            raise NotFound(self._states.kind.capitalize(), id)
        remember(tx, self._states.kind, id, RESET, status)
        notifications.tell(tx, self._states.kind, id, RESET)

    def _refusal(self, tx: Connection, id: str, event: str) -> Exception:
        status = tx.execute(select(self._table.c.status).where(self._table.c.id == id)).scalar()
        kind = self._states.kind.capitalize()
        if status is None:
            return NotFound(kind, id)
        if status in self._states.moves[event].frm:
            return Conflict(f"{kind} {id} is being migrated; wait for the end of that.")
        allowed = " or ".join(sorted(self._states.moves[event].frm))
        return Conflict(f"{kind} {id} is {status}; for {event.replace('_', ' ')} it must be {allowed}.")


def remember(tx: Connection, kind: str, id: str, event: str, status: str, detail: object = None) -> None:
    """Add a line to the history of a resource."""
    tx.execute(_REMEMBERING, {"kind": kind, "resource": id, "event": event, "status": status, "detail": detail})


def _target(choices: frozenset[str], to: str | None) -> str:
    if to is None:
        (status,) = choices
        return status
    if to not in choices:
        raise ValueError(f"the table does not lead to {to}")
    return to
