"""The one writer of statuses, held against every line of every state table."""

import pytest
from sqlalchemy import Connection, insert, select, update

from lapilli.db.engine import Database
from lapilli.db.moves import Mover
from lapilli.db.schema import (
    attachments,
    backups,
    group_snapshots,
    group_types,
    groups,
    history,
    snapshots,
    volumes,
)
from lapilli.model.errors import Conflict, NotFound
from lapilli.model.states import GONE, TABLES, States
from tests.conformance.databases import TYPE, add_volume, new_id

OF_KIND = {
    "volume": volumes,
    "snapshot": snapshots,
    "attachment": attachments,
    "group": groups,
    "group snapshot": group_snapshots,
    "backup": backups,
}
CREATED = "2026-01-01T00:00:00.000000"


def add_row(tx: Connection, states: States) -> str:
    """A row of the kind, in whatever status."""
    volume_id = add_volume(tx)
    if states.kind == "volume":
        return volume_id
    row = {"id": new_id(), "project_id": "p", "status": "none", "created_at": CREATED}
    whose = {"volume_id": volume_id, "user_id": "u"}
    more = {
        "snapshot": {**whose, "volume_type_id": TYPE, "size_gib": 1},
        "attachment": {"volume_id": volume_id},
        "backup": {**whose, "size_gib": 1},
    }
    if "group" in states.kind:
        tx.execute(insert(group_types).values(id=row["id"], name=row["id"], created_at=CREATED))
        more |= {"group": {"user_id": "u", "group_type_id": row["id"]}}
    if states.kind == "group snapshot":
        tx.execute(insert(groups).values(**row, **more["group"]))
        more |= {"group snapshot": {**more["group"], "group_id": row["id"]}}
    tx.execute(insert(OF_KIND[states.kind]).values(**row, **more[states.kind]))
    return str(row["id"])


def put_into(tx: Connection, states: States, id: str, status: str) -> None:
    """Give a row a status past its table."""
    table = OF_KIND[states.kind]
    tx.execute(update(table).where(table.c.id == id).values(status=status))


def status_of(tx: Connection, states: States, id: str) -> str | None:
    table = OF_KIND[states.kind]
    return tx.scalar(select(table.c.status).where(table.c.id == id))


@pytest.mark.parametrize("states", TABLES, ids=lambda states: states.kind)
def test_every_line_of_the_table(db: Database, states: States) -> None:
    """A legal move leads where the table says; an illegal one is refused and changes nothing."""
    mover = Mover(OF_KIND[states.kind], states)
    known = {status for move in states.moves.values() for status in move.frm | move.to} - {GONE}

    def walk(tx: Connection) -> None:
        row = add_row(tx, states)
        for event, move in states.moves.items():
            for status in known:
                put_into(tx, states, row, status)
                for to in move.to if status in move.frm else set():
                    put_into(tx, states, row, status)
                    mover.move(tx, row, event, to=to)
                    assert status_of(tx, states, row) == (None if to == GONE else to)
                    row = add_row(tx, states) if to == GONE else row
                if status not in move.frm:
                    with pytest.raises(Conflict, match=f"{row} is {status}"):
                        mover.move(tx, row, event, to=min(move.to))
                    assert status_of(tx, states, row) == status

    db.write(walk)


def test_refusal_leaves_nothing(db: Database) -> None:
    """A refused move writes neither the further columns nor history, and says what would be allowed."""
    mover = Mover(volumes, TABLES[0])
    volume_id = db.write(add_volume)
    with pytest.raises(Conflict, match=r"is creating; for extend it must be available or in-use\."):
        db.write(lambda tx: mover.move(tx, volume_id, "extend", charged_gib=9))
    with db.read() as tx:
        assert tx.execute(select(volumes.c.status, volumes.c.charged_gib)).one() == ("creating", 1)
        assert tx.execute(select(history.c.event, history.c.status)).all() == [("create", "creating")]


def test_move_writes_columns_and_history(db: Database) -> None:
    """A move, its further columns and its line of history are one."""
    mover = Mover(volumes, TABLES[0])
    volume_id = db.write(add_volume)
    db.write(lambda tx: mover.move(tx, volume_id, "provisioned", launched_at=CREATED))
    with db.read() as tx:
        row = tx.execute(select(volumes)).one()
        events = tx.execute(select(history.c.event, history.c.resource).order_by(history.c.id)).all()
    assert (row.status, row.launched_at, len(row.updated_at)) == ("available", CREATED, 26)
    assert events == [("create", volume_id), ("provisioned", volume_id)]


def test_unknown_row(db: Database) -> None:
    """A row that does not exist is not found, whatever is asked of it."""
    mover = Mover(volumes, TABLES[0])
    with pytest.raises(NotFound):
        db.write(lambda tx: mover.move(tx, "none", "extend"))
    with pytest.raises(NotFound):
        db.write(lambda tx: mover.set(tx, "none", "error"))


def test_status_by_hand(db: Database) -> None:
    """An administrator may set the statuses of the table's list, and no others."""
    mover = Mover(volumes, TABLES[0])
    volume_id = db.write(add_volume)
    db.write(lambda tx: mover.set(tx, volume_id, "error"))
    with pytest.raises(Conflict, match="melted is not a status that can be set"):
        db.write(lambda tx: mover.set(tx, volume_id, "melted"))
    with db.read() as tx:
        assert status_of(tx, TABLES[0], volume_id) == "error"


def test_target_that_the_table_does_not_have(db: Database) -> None:
    """A place that the event does not lead to is a bug of the caller."""
    mover = Mover(volumes, TABLES[0])
    with pytest.raises(ValueError, match="creating"):
        db.write(lambda tx: mover.move(tx, "any", "extended", to="creating"))
