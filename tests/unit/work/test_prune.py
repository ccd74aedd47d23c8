"""The past is forgotten, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from lapilli.db import decisions
from lapilli.db.engine import Database
from lapilli.db.moves import remember
from lapilli.db.schema import decisions as decision_table
from lapilli.db.schema import history, operations
from lapilli.work import queue
from lapilli.work.operation import Done
from lapilli.work.prune import PruneSettings, prune_duty
from tests.conformance.engine import plain, row_of, submit


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).replace(tzinfo=None).isoformat(timespec="microseconds")


def finished(db: Database, subject: str, days: float) -> str:
    operation_id = submit(db, plain(), subject)
    [job] = db.write(lambda tx: queue.claim(tx, ["q"], "w", 1))
    db.write(lambda tx: queue.finish(tx, job, Done()))
    change = update(operations).where(operations.c.id == operation_id)
    db.write(lambda tx: tx.execute(change.values(finished_at=days_ago(days))))
    return operation_id


def keys(db: Database, table: Table) -> list[Any]:
    with db.read() as tx:
        return list(tx.execute(select(table.c.id).order_by(table.c.id)).scalars())


def test_what_is_old_goes(db: Database) -> None:
    """Operations that finished, history and decisions go after the days that were set; younger ones stay."""
    finished(db, "old", 3.1)
    young = finished(db, "young", 2.9)
    old = update(operations).where(operations.c.id == submit(db, plain(), "live"))

    def write(tx: Connection) -> None:
        tx.execute(old.values(created_at=days_ago(900)))
        for table, columns in ((history, ("kind", "event", "status")), (decision_table, ("operation",))):
            row = dict.fromkeys(columns, "x") | {"resource": "s", "at": days_ago(3.1)}
            tx.execute(insert(table).values(**row, **({"explanation": {}} if table is decision_table else {})))
        remember(tx, "volume", "young", "e", "s")
        decisions.add(tx, "o", "young", None, {})

    db.write(write)
    duty = prune_duty(db, PruneSettings(keep_history_days=3))
    duty.run()
    duty.run()
    with db.read() as tx:
        assert set(tx.execute(select(operations.c.subject)).scalars()) == {"young", "live"}
        assert tx.execute(select(history.c.resource)).scalars().all() == ["young"]
        assert tx.execute(select(decision_table.c.resource)).scalars().all() == ["young"]
    assert row_of(db, young).outcome == "done"


def test_many_batches(db: Database) -> None:
    """However much is old, all of it goes, a batch at a time."""
    row = {"at": days_ago(100), "kind": "volume", "resource": "r", "event": "e", "status": "s"}
    db.write(lambda tx: tx.execute(insert(history), [row] * 1201))
    db.write(lambda tx: remember(tx, "volume", "young", "e", "s"))
    prune_duty(db, PruneSettings()).run()
    assert len(keys(db, history)) == 1


def test_nothing_to_forget(db: Database) -> None:
    """An empty database stays as it is."""
    prune_duty(db, PruneSettings()).run()
    assert keys(db, operations) == []
