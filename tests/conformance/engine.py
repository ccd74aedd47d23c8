"""Operations whose records leave a line in the history, and the ways to run them. Also a program: a worker."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from lapilli.db.engine import Database
from lapilli.db.moves import remember
from lapilli.db.rows import AnyRow
from lapilli.db.schema import history, operations
from lapilli.model.protocols.work import Wake
from lapilli.work import queue
from lapilli.work.operation import Done, Effect, Goto, Job, Operation, Record, Step, no_effect
from lapilli.work.runner import Runner
from lapilli.work.wake import LocalWake

SOON_S = 20.0


def mark(tx: Connection, job: Job, event: str) -> None:
    """Leave a line, with the attempt that wrote it."""
    remember(tx, "job", job.subject, event, str(job.attempt))


def marks(db: Database) -> Counter[tuple[str, str]]:
    """How often each (subject, event) was written."""
    with db.read() as tx:
        return Counter((row.resource, row.event) for row in tx.execute(select(history)))


def marking(event: str, following: Goto | Done | None = None) -> Record:
    """A record that leaves a line."""

    def record(tx: Connection, job: Job, _result: Any) -> Goto | Done | None:
        mark(tx, job, event)
        return following

    return record


def plain(effect: Effect = no_effect, *, kind: str = "plain", patience: int = 3, fail: Effect = no_effect) -> Operation:
    """An operation of two steps, the first with an effect."""
    steps = (Step("first", effect, marking("first"), patience), Step("second", no_effect, marking("second")))
    return Operation(kind, steps, Step("fail", fail, marking("failed", Done(outcome="failed"))))


def make_runner(db: Database, *known: Operation, queues: Sequence[str] = ("q",), **how: Any) -> Runner:
    """A runner that polls often. Each queue's tools are its name."""
    wake: Wake = how.pop("wake", None) or LocalWake()
    options = {"worker": "w", "poll_s": 0.05, **how}
    return Runner(db, wake, {one.kind: one for one in known}, {name: name for name in queues}, **options)


def submit(db: Database, operation: Operation, subject: str = "s", **more: Any) -> str:
    """Write a wish for the queue `q`."""
    return db.write(lambda tx: queue.submit(tx, operation, subject, "q", **more))


def row_of(db: Database, operation_id: str) -> AnyRow:
    with db.read() as tx:
        return tx.execute(select(operations).where(operations.c.id == operation_id)).one()


def write(db: Database, operation_id: str, **values: Any) -> None:
    """Change an operation's row past the queue."""
    change = update(operations).where(operations.c.id == operation_id)
    db.write(lambda tx: tx.execute(change.values(**values)))


def hurry(db: Database) -> None:
    """Let the time of everything that is not finished have come."""
    db.write(lambda tx: tx.execute(update(operations).where(operations.c.due_at.is_not(None)).values(due_at=0.0)))


def until(condition: Callable[[], Any]) -> None:
    """Wait for something that comes soon."""
    deadline = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


def live(db: Database) -> int:
    """How many operations have not finished."""
    with db.read() as tx:
        return len(tx.execute(select(operations.c.id).where(operations.c.outcome.is_(None))).all())


def serve(url: str) -> None:
    """Be a worker until nothing is left to do."""
    db = Database(url)
    runner = make_runner(db, plain(lambda _job, _tools: time.sleep(0.005)), worker=f"w{os.getpid()}", lease_s=1.0)
    runner.start()
    until(lambda: not live(db))
    runner.stop()


if __name__ == "__main__":
    serve(sys.argv[1])
