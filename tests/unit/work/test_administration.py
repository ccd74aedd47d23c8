"""What people may do with operations."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from lapilli.db.engine import Database
from lapilli.model.errors import Conflict, NotFound, Unavailable
from lapilli.work import administration, queue
from lapilli.work.operation import Job
from tests.conformance.engine import make_runner, plain, row_of, submit, write


def break_down(_job: Job, _tools: object) -> None:
    raise Unavailable("no disk")


def test_list(db: Database) -> None:
    """The newest first, as many as wanted, and only what fits."""
    ids = [submit(db, plain(kind=f"k{number % 2}"), f"s{number}") for number in range(4)]
    for number, operation_id in enumerate(ids):
        write(db, operation_id, created_at=f"2026-0{number + 1}")
    write(db, ids[0], due_at=None, outcome="failed")
    with db.read() as tx:

        def found(**wanted: Any) -> list[int]:
            return [ids.index(row.id) for row in administration.list_newest(tx, **wanted)]

        assert found() == [3, 2, 1, 0]
        assert found(limit=2) == [3, 2]
        assert found(is_live=True) == [3, 2, 1]
        assert found(is_live=False) == found(outcome="failed") == [0]
        assert found(kind="k1", subject="s3", queue="q") == [3]
        assert found(queue="other") == []
        [newest] = administration.list_newest(tx, limit=1)
        assert newest.due_in_s <= 0


def test_show(db: Database) -> None:
    """An operation with everything that it holds."""
    operation_id = submit(db, plain(), held=["b", "a"])
    with db.read() as tx:
        row, held = administration.show(tx, operation_id)
        assert (row.subject, row.due_in_s <= 0, held) == ("s", True, ["a", "b", "s"])
        with pytest.raises(NotFound, match="Operation none could not be found"):
            administration.show(tx, "none")


def test_retry(db: Database) -> None:
    """One that waits is due at once, and has all its patience again."""
    operation_id = submit(db, plain())
    runner = make_runner(db, plain(break_down, patience=1))
    runner.run_due()
    assert runner.run_due() == 0
    assert db.write(lambda tx: administration.retry(tx, operation_id)) == "q"
    assert (row_of(db, operation_id).failures, row_of(db, operation_id).error) == (0, "no disk")
    assert runner.run_due() == 1
    assert row_of(db, operation_id).outcome is None


def test_retry_of_one_that_is_worked_on(db: Database) -> None:
    """Nobody is pushed aside: the answer names the worker."""
    operation_id = submit(db, plain())
    db.write(lambda tx: queue.claim(tx, ["q"], "host:7", 1))
    before = row_of(db, operation_id)
    with pytest.raises(Conflict, match=r"host:7 is working on operation .* now, at step first"):
        db.write(lambda tx: administration.retry(tx, operation_id))
    assert row_of(db, operation_id) == before


@pytest.mark.parametrize(
    ("act", "advice"),
    [(administration.retry, "ask for the same again"), (administration.cancel, "no longer be cancelled")],
)
def test_finished_operations_stay(db: Database, act: Callable[[Connection, str], str], advice: str) -> None:
    """What has finished is neither tried again nor cancelled, and the answer says how it ended."""
    operation_id = submit(db, plain())
    make_runner(db, plain(break_down, patience=0)).run_due()
    before = row_of(db, operation_id)
    with pytest.raises(Conflict, match=rf"failed \(no disk\)\. .*{advice}"):
        db.write(lambda tx: act(tx, operation_id))
    assert row_of(db, operation_id) == before
    with pytest.raises(NotFound):
        db.write(lambda tx: act(tx, "none"))


def test_cancel(db: Database) -> None:
    """One that waits is due at once; one that is worked on keeps its lease and is told by the heartbeat."""
    waiting, running = submit(db, plain(), "a"), submit(db, plain(), "b")
    jobs = {job.id: job for job in db.write(lambda tx: queue.claim(tx, ["q"], "w", 2))}
    db.write(lambda tx: queue.put_off(tx, jobs[waiting], "why", 100.0, 0))
    due_at = row_of(db, running).due_at
    for operation_id in (waiting, running):
        assert db.write(partial(administration.cancel, id=operation_id)) == "q"
        assert row_of(db, operation_id).cancel_requested
    assert row_of(db, running).due_at == due_at
    with db.read() as tx:
        assert administration.show(tx, waiting)[0].due_in_s <= 0
    db.write(lambda tx: queue.keep(tx, [jobs[running]]))
    assert jobs[running].is_cancelled
