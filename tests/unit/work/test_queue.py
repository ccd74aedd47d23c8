"""The rows of operations, on every kind of database."""

from collections.abc import Collection
from functools import partial

import pytest
from sqlalchemy import insert, select

from lapilli.db.clock import now_s
from lapilli.db.engine import Database
from lapilli.db.schema import holds, operations
from lapilli.model.errors import Conflict
from lapilli.work import queue
from lapilli.work.operation import Done, Goto, Job, Lost
from tests.conformance.engine import hurry, plain, row_of, submit, write

OPERATION = plain()


def claim(db: Database, *queues: str, limit: int = 9, **lanes: Collection[str]) -> list[Job]:
    return db.write(lambda tx: queue.claim(tx, queues or ["q"], "w", limit, **lanes))


def due_in_s(db: Database, operation_id: str) -> float:
    with db.read() as tx:
        return float(tx.scalar(select(operations.c.due_at - now_s()).where(operations.c.id == operation_id)) or 0.0)


def test_submit(db: Database) -> None:
    """A wish is a row that is due, at its first step, with its holds."""
    operation_id = submit(db, OPERATION, args={"a": [1]}, held=["b"], source="x", project_id="p", request_id="r")
    row = row_of(db, operation_id)
    assert (row.kind, row.subject, row.step, row.args, row.queue) == ("plain", "s", "first", {"a": [1]}, "q")
    assert (row.source, row.project_id, row.request_id, row.attempt, row.outcome) == ("x", "p", "r", 0, None)
    assert due_in_s(db, operation_id) <= 0
    with db.read() as tx:
        assert set(tx.execute(select(holds.c.resource)).scalars()) == {"s", "b"}
        assert queue.is_source(tx, "x")
        assert not queue.is_source(tx, "s")
        assert queue.is_held(tx, "b")


def test_several_sources(db: Database) -> None:
    """All that a live operation reads is known, and nothing of it once that has finished."""
    submit(db, OPERATION, source="x", also_read=["y"])
    other = submit(db, OPERATION, "t", source="y")
    with db.read() as tx:
        assert [queue.is_source(tx, name) for name in ("x", "y", "s")] == [True, True, False]
    for job in db.write(lambda tx: queue.claim(tx, ["q"], "w", 9)):
        if job.id != other:
            db.write(lambda tx, job=job: queue.finish(tx, job, Done()))
    with db.read() as tx:
        assert [queue.is_source(tx, name) for name in ("x", "y")] == [False, True]


def test_submit_with_what_is_held(db: Database) -> None:
    """A resource that a live operation has cannot be held by another; the whole transaction is taken back."""
    submit(db, OPERATION, "s")
    with pytest.raises(Conflict):
        submit(db, OPERATION, "t", held=["s"])
    with db.read() as tx:
        assert tx.execute(select(operations.c.subject)).scalars().all() == ["s"]


def test_claim_takes_the_longest_due(db: Database) -> None:
    """As many as wanted, of the queues asked for, those first that have waited longest."""
    ids = [submit(db, OPERATION, f"s{number}") for number in range(4)]
    for number, operation_id in enumerate(ids):
        write(db, operation_id, due_at=10.0 - number)
    assert claim(db, "other") == []
    assert [job.id for job in claim(db, "q", "other", limit=3)] == [ids[3], ids[2], ids[1]]
    assert [job.id for job in claim(db, limit=3)] == [ids[0]]
    row = row_of(db, ids[0])
    assert (row.attempt, row.worker) == (1, "w")
    assert 10 < due_in_s(db, ids[0]) <= queue.LEASE_S


def test_fence(db: Database) -> None:
    """A worker whose lease was taken by another writes nothing, whatever it tries."""
    operation_id = submit(db, OPERATION)
    [late] = claim(db)
    hurry(db)
    [present] = claim(db)
    before = row_of(db, operation_id)
    with pytest.raises(Lost):
        db.write(lambda tx: queue.hold_on(tx, late))
    db.write(lambda tx: queue.put_off(tx, late, "why", 1.0, 1))
    db.write(lambda tx: queue.move_on(tx, late, Goto("second")))
    db.write(lambda tx: queue.lay_down(tx, late))
    db.write(lambda tx: queue.keep(tx, [late]))
    assert late.is_lost
    assert row_of(db, operation_id) == before
    db.write(lambda tx: queue.hold_on(tx, present))


def test_fence_after_the_end(db: Database) -> None:
    """What has finished cannot be finished again, by the same attempt neither."""
    submit(db, OPERATION)
    [job] = claim(db)
    db.write(lambda tx: queue.finish(tx, job, Done()))
    with pytest.raises(Lost):
        db.write(lambda tx: queue.hold_on(tx, job))
    db.write(lambda tx: queue.keep(tx, [job]))
    assert job.is_lost


def test_finish(db: Database) -> None:
    """The end keeps the result, and lets go of the holds and the source."""
    operation_id = submit(db, OPERATION, source="x")
    with db.read() as tx:
        assert queue.find_finished(tx, operation_id) is None
    [job] = claim(db)
    db.write(lambda tx: queue.finish(tx, job, Done({"a": None}, "failed")))
    row = row_of(db, operation_id)
    assert (row.outcome, row.result, row.due_at, row.source) == ("failed", {"a": None}, None, None)
    assert row.finished_at is not None
    with db.read() as tx:
        assert not queue.is_held(tx, "s")
        assert not queue.is_source(tx, "x")
        found = queue.find_finished(tx, operation_id)
        assert found is not None
        assert found.result == {"a": None}
    assert claim(db) == []


def test_heartbeat(db: Database) -> None:
    """A heartbeat extends every lease at once, and brings word of a wish to cancel."""
    ids = [submit(db, OPERATION, f"s{number}") for number in range(3)]
    jobs = claim(db)
    hurry(db)
    write(db, ids[1], cancel_requested=True)
    db.write(lambda tx: queue.keep(tx, jobs))
    assert all(due_in_s(db, operation_id) > 10 for operation_id in ids)
    assert {job.id for job in jobs if job.is_cancelled} == {ids[1]}
    assert not any(job.is_lost for job in jobs)


def test_heartbeat_of_what_was_let_go(db: Database) -> None:
    """A heartbeat that comes late does not hold up who takes the operation next."""
    operation_id = submit(db, OPERATION)
    for let_go in (
        queue.lay_down,
        partial(queue.put_off, why="why", delay_s=-1.0, failures=0),
        partial(queue.move_on, goto=Goto("second", "elsewhere")),
    ):
        hurry(db)
        [job] = claim(db)
        db.write(partial(let_go, job=job))
        db.write(partial(queue.keep, jobs=[job]))
        assert due_in_s(db, operation_id) <= 0
        assert not job.is_lost


def test_lease_of_a_claim(db: Database) -> None:
    """The fence and the heartbeat extend a lease by its own length."""
    operation_id = submit(db, OPERATION)
    [job] = db.write(lambda tx: queue.claim(tx, ["q"], "w", 1, 1000.0))
    for extend in (partial(queue.hold_on, job=job), partial(queue.keep, jobs=[job])):
        hurry(db)
        db.write(extend)
        assert 900 < due_in_s(db, operation_id) <= 1000


def test_move_on(db: Database) -> None:
    """In the same queue the worker keeps it; in another it is anybody's, at once."""
    operation_id = submit(db, OPERATION, args={"a": 1})
    [job] = claim(db)
    db.write(lambda tx: queue.put_off(tx, job, "why", 0.0, 2))
    [job] = claim(db)
    db.write(lambda tx: queue.move_on(tx, job, Goto("second", args={"b": 2})))
    row = row_of(db, operation_id)
    assert (row.step, row.args, row.failures, row.error, row.worker) == ("second", {"a": 1, "b": 2}, 0, "why", "w")
    assert due_in_s(db, operation_id) > 10
    db.write(lambda tx: queue.move_on(tx, job, Goto("first", "other", error="new")))
    row = row_of(db, operation_id)
    assert (row.step, row.queue, row.worker, row.error) == ("first", "other", None, "new")
    assert [found.id for found in claim(db, "other")] == [operation_id]


def test_put_off_and_lay_down(db: Database) -> None:
    """Put off it waits for its time; laid down it is due at once. Neither moves it."""
    operation_id = submit(db, OPERATION)
    [job] = claim(db)
    db.write(lambda tx: queue.put_off(tx, job, "why", 100.0, 2))
    row = row_of(db, operation_id)
    assert (row.error, row.failures, row.worker, row.step) == ("why", 2, None, "first")
    assert 90 < due_in_s(db, operation_id) <= 100
    with db.read() as tx:
        delay_s = queue.next_due_s(tx, ["q", "other"])
        assert delay_s is not None
        assert 90 < delay_s <= 100
        assert queue.next_due_s(tx, ["other"]) is None
    hurry(db)
    [job] = claim(db)
    db.write(lambda tx: queue.lay_down(tx, job))
    with db.read() as tx:
        assert queue.next_due_s(tx, ["q"]) == 0.0
    assert [found.attempt for found in claim(db)] == [3]


def test_slow_operations_one_by_one(db: Database) -> None:
    """Of each queue one slow operation is claimed, and none while one is in hand; others pass by."""
    slow = plain(kind="slow")
    for subject in ("s1", "s2", "s3"):
        submit(db, slow, subject)
        db.write(lambda tx, subject=subject: queue.submit(tx, slow, f"r{subject}", "r"))
    submit(db, OPERATION, "plain")
    lanes: dict[str, Collection[str]] = {"slow": {"slow"}}
    assert sorted(job.subject for job in claim(db, "q", "r", **lanes)) == ["plain", "rs1", "s1"]
    assert claim(db, "q", "r", **lanes, engaged={"q", "r"}) == []
    submit(db, OPERATION, "another")
    assert [job.subject for job in claim(db, "q", "r", **lanes, engaged={"q", "r"})] == ["another"]
    with db.read() as tx:
        assert queue.next_due_s(tx, ["q", "r"], **lanes) == 0.0
        waiting_s = queue.next_due_s(tx, ["q", "r"], **lanes, engaged={"q", "r"})
        assert waiting_s is not None
        assert waiting_s > 10  # the lease of the plain ones
    assert [job.subject for job in claim(db, "q", "r", **lanes, engaged={"q"})] == ["rs2"]


def test_release(db: Database) -> None:
    """What a predecessor had in hand is due at once; what was put off, and other queues, wait on."""
    for subject in ("held", "waiting"):
        submit(db, OPERATION, subject)
    jobs = {job.subject: job for job in claim(db)}
    db.write(lambda tx: queue.put_off(tx, jobs["waiting"], "why", 100.0, 0))
    assert db.write(lambda tx: queue.release(tx, ["other"])) == 0
    assert db.write(lambda tx: queue.release(tx, ["q"])) == 1
    assert [job.subject for job in claim(db)] == ["held"]


def test_claim_passes_over_what_has_finished(db: Database) -> None:
    """However much has finished, a claim reads what is live: the index finds it."""
    row = {"kind": "k", "subject": "s", "args": {}, "queue": "q", "step": "s", "created_at": "2026", "outcome": "done"}
    rows = [{"id": f"old{number}", **row} for number in range(3000)]
    db.write(lambda tx: tx.execute(insert(operations), rows))
    live = submit(db, OPERATION)
    assert [job.id for job in claim(db)] == [live]
    if db.is_sqlite:
        with db.read() as tx:
            question = (
                "EXPLAIN QUERY PLAN SELECT * FROM operations WHERE queue = 'q' AND due_at IS NOT NULL ORDER BY due_at"
            )
            plan = [line.detail for line in tx.exec_driver_sql(question)]
        assert plan == ["SEARCH operations USING INDEX ix_operations_due (queue=? AND due_at>?)"]


def test_read_from(db: Database) -> None:
    """What an operation has found to read stays until it has finished."""
    submit(db, OPERATION)
    (job,) = claim(db)
    db.write(lambda tx: queue.read_from(tx, job, "found"))
    with db.read() as tx:
        assert queue.is_source(tx, "found")
    assert row_of(db, job.id).source == "found"
    db.write(lambda tx: queue.finish(tx, job, Done()))
    with db.read() as tx:
        assert not queue.is_source(tx, "found")


def test_progress_is_written_with_the_heartbeat(db: Database) -> None:
    """How far an effect is, people see in the row; a worker that lost the operation writes nothing."""
    submit(db, OPERATION)
    (job,) = claim(db)
    job.progress = "40%"
    db.write(lambda tx: queue.keep(tx, [job]))
    assert row_of(db, job.id).progress == "40%"
    hurry(db)
    claim(db)
    job.progress = "80%"
    db.write(lambda tx: queue.keep(tx, [job]))
    assert job.is_lost
    assert row_of(db, job.id).progress == "40%"
