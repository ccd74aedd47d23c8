"""The workers of a process: each way that a step can end, on every kind of database."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, update

from lapilli.db.engine import Database
from lapilli.db.schema import operations
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.work import administration, queue
from lapilli.work.operation import Done, Goto, Job, Operation, Retry, Step, awaited_topic, no_effect
from lapilli.work.runner import Runner
from lapilli.work.wake import LocalWake
from tests.conformance.engine import SOON_S, hurry, make_runner, mark, marking, marks, plain, row_of, submit, until


def run_out(db: Database, runner: Runner) -> int:
    """Run, time after time, until nothing is left; returns how often something was due."""
    rounds = 0
    while runner.run_due():
        rounds += 1
        hurry(db)
    return rounds


def failing(error: Exception) -> Any:
    def effect(_job: Job, _tools: object) -> None:
        raise error

    return effect


def due_in_s(db: Database, operation_id: str) -> float:
    with db.read() as tx:
        return float(administration.show(tx, operation_id)[0].due_in_s)


def test_steps_in_order(db: Database) -> None:
    """One claim takes an operation through all its steps to its end."""
    operation_id = submit(db, plain())
    assert run_out(db, make_runner(db, plain())) == 1
    assert marks(db) == {("s", "first"): 1, ("s", "second"): 1}
    row = row_of(db, operation_id)
    assert (row.outcome, row.result, row.attempt, row.error) == ("done", None, 1, None)


def test_result_of_an_effect_reaches_its_record(db: Database) -> None:
    """A record is handed what the effect found, and may add args for the steps behind it."""
    seen: list[Any] = []

    def keep(_tx: Connection, job: Job, result: Any) -> Goto:
        return Goto("second", args={"found": result, "n": job.args["n"] + 1})

    def look(job: Job, tools: Any) -> None:
        seen.append((job.args, tools))

    def end(_tx: Connection, job: Job, _result: Any) -> Done:
        return Done({"n": job.args["n"]})

    steps = (Step("first", lambda _job, tools: [tools], keep), Step("second", look, end))
    operation = Operation("plain", steps, plain().fail)
    operation_id = submit(db, operation, args={"n": 1})
    make_runner(db, operation).run_due()
    assert seen == [({"n": 2, "found": ["q"]}, "q")]
    assert row_of(db, operation_id).result == {"n": 2}


def test_retry_is_not_a_failure(db: Database) -> None:
    """Not now means later, as often as it takes."""
    left = [1.0] * 10

    def effect(_job: Job, _tools: object) -> None:
        if left:
            raise Retry("busy", 50 * left.pop())

    operation_id = submit(db, plain())
    runner = make_runner(db, plain(effect, patience=0))
    runner.run_due()
    row = row_of(db, operation_id)
    assert (row.error, row.failures, row.worker) == ("busy", 0, None)
    assert 40 < due_in_s(db, operation_id) <= 50
    assert runner.run_due() == 0
    hurry(db)
    assert run_out(db, runner) == 10
    assert row_of(db, operation_id).outcome == "done"


def test_record_that_asks_for_a_retry(db: Database) -> None:
    """What the record had written is taken back, and the effect runs again."""
    tried: list[int] = []

    def record(tx: Connection, job: Job, _result: None) -> None:
        mark(tx, job, "first")
        tried.append(1)
        if len(tried) < 3:
            raise Retry("taken meanwhile")

    operation = Operation("plain", (Step("first", no_effect, record),), plain().fail)
    submit(db, operation)
    assert run_out(db, make_runner(db, operation)) == 3
    assert marks(db) == {("s", "first"): 1}


@pytest.mark.parametrize(
    ("error", "why"), [(BackendFailed("no disk"), "no disk"), (ValueError("bug"), "ValueError: bug")]
)
def test_patience_and_then_the_failure_path(db: Database, error: Exception, why: str) -> None:
    """A fault that may pass is met with patience, longer each time; the last one is final, and the reason stays."""
    runner = make_runner(db, plain(failing(error), patience=2))
    operation_id = submit(db, plain())
    for failures, delay_s in ((1, 1.0), (2, 2.0)):
        runner.run_due()
        row = row_of(db, operation_id)
        assert (row.failures, row.error, row.step, row.outcome) == (failures, why, "first", None)
        assert delay_s - 1 < due_in_s(db, operation_id) <= delay_s
        hurry(db)
    runner.run_due()
    row = row_of(db, operation_id)
    assert (row.outcome, row.error, row.due_at) == ("failed", why, None)
    assert marks(db) == {("s", "failed"): 1}


def test_final_fault(db: Database) -> None:
    """What can never work is not tried again."""
    operation_id = submit(db, plain())
    make_runner(db, plain(failing(Malformed("no such name")))).run_due()
    assert (row_of(db, operation_id).outcome, row_of(db, operation_id).attempt) == ("failed", 1)


def test_fault_in_the_failure_path(db: Database) -> None:
    """Undoing is tried for ever, at least once a minute, and succeeds one day."""
    left = [Malformed("even this")] * 12

    def undo(_job: Job, _tools: object) -> None:
        if left:
            raise left.pop()

    runner = make_runner(db, plain(failing(Malformed("x")), fail=undo))
    operation_id = submit(db, plain())
    runner.run_due()
    db.write(lambda tx: tx.execute(update(operations).values(failures=5000, due_at=0.0)))
    runner.run_due()
    assert 50 < due_in_s(db, operation_id) <= 60
    assert row_of(db, operation_id).step == "fail"
    hurry(db)
    assert run_out(db, runner) == 11
    assert row_of(db, operation_id).outcome == "failed"


def test_cancel_of_one_that_waits(db: Database) -> None:
    """It takes the failure path before its next step."""
    operation_id = submit(db, plain())
    db.write(lambda tx: administration.cancel(tx, operation_id))
    make_runner(db, plain()).run_due()
    row = row_of(db, operation_id)
    assert (row.outcome, row.error) == ("cancelled", "cancelled")
    assert marks(db) == {("s", "failed"): 1}


def test_cancel_of_one_that_runs(db: Database) -> None:
    """A long effect hears of it between two chunks, from the heartbeat."""
    begun = threading.Event()

    def effect(job: Job, _tools: object) -> None:
        begun.set()
        while True:
            job.check()
            time.sleep(0.005)

    operation_id = submit(db, plain())
    runner = make_runner(db, plain(effect), lease_s=0.3)
    runner.start()
    assert begun.wait(SOON_S)
    db.write(lambda tx: administration.cancel(tx, operation_id))
    until(lambda: row_of(db, operation_id).outcome)
    runner.stop()
    assert row_of(db, operation_id).error == "cancelled"


@pytest.mark.parametrize("known", [(), (Operation("plain", (Step("new", no_effect, marking("x")),), plain().fail),)])
def test_operation_of_another_release(db: Database, known: tuple[Operation, ...]) -> None:
    """An unknown kind, or step, waits for somebody who knows it, and says so."""
    operation_id = submit(db, plain())
    make_runner(db, *known).run_due()
    row = row_of(db, operation_id)
    assert (row.error, row.outcome, row.failures) == ("this release does not know plain, step first", None, 0)
    assert 50 < due_in_s(db, operation_id) <= 60
    hurry(db)
    make_runner(db, plain()).run_due()
    assert row_of(db, operation_id).outcome == "done"


def test_goto_another_queue(db: Database) -> None:
    """The next step is another queue's, with that queue's tools; its workers are rung for."""
    lent: list[Any] = []

    def look(_job: Job, tools: Any) -> None:
        lent.append(tools)

    steps = (Step("first", look, marking("first", Goto("second", "r"))), Step("second", look, marking("second")))
    operation = Operation("plain", steps, plain().fail)
    operation_id = submit(db, operation)
    wake = LocalWake()
    with wake.listen("r") as ear:
        make_runner(db, operation, wake=wake).run_due()
        assert ear.wait(0)
    assert make_runner(db, operation).run_due() == 0
    make_runner(db, operation, queues=["r"]).run_due()
    assert lent == ["q", "r"]
    assert (row_of(db, operation_id).outcome, row_of(db, operation_id).attempt) == ("done", 2)


def test_end_is_rung_for(db: Database) -> None:
    """Whoever waits for an operation is woken at its end, and only when somebody may wait."""
    wake = LocalWake()
    for is_awaited in (True, False):
        operation = Operation("plain", plain().steps, plain().fail, is_awaited=is_awaited)
        operation_id = submit(db, operation)
        with wake.listen(awaited_topic(operation_id)) as ear:
            make_runner(db, operation, wake=wake).run_due()
            assert ear.wait(0) == is_awaited


@pytest.mark.parametrize("how", ["record", "retry", "fault"])
def test_stalled_worker_leaves_no_trace(db: Database, how: str) -> None:
    """A worker that slept through its lease finds the operation in other hands, and writes nothing at all."""
    seen: list[Any] = []

    def sleep(job: Job, _tools: object) -> None:
        hurry(db)
        [other] = db.write(lambda tx: queue.claim(tx, ["q"], "other", 1))
        assert (other.id, other.attempt) == (job.id, 2)
        seen.append(row_of(db, job.id))
        if how == "retry":
            raise Retry("later")
        if how == "fault":
            raise Malformed("final")

    operation_id = submit(db, plain())
    make_runner(db, plain(sleep)).run_due()
    assert marks(db) == {}
    assert row_of(db, operation_id) == seen[0]


def test_heartbeat_keeps_a_long_effect(db: Database) -> None:
    """While an effect runs its lease never ends, however much longer it takes."""
    ended = threading.Event()
    operation_id = submit(db, plain())
    runner = make_runner(db, plain(lambda _job, _tools: ended.wait(SOON_S)), lease_s=0.3)
    runner.start()
    until(lambda: row_of(db, operation_id).worker)
    first = row_of(db, operation_id).due_at
    until(lambda: row_of(db, operation_id).due_at > first + 0.5)
    ended.set()
    until(lambda: row_of(db, operation_id).outcome)
    runner.stop()
    assert row_of(db, operation_id).attempt == 1
    assert marks(db) == {("s", "first"): 1, ("s", "second"): 1}


def test_stop_lets_the_step_end(db: Database) -> None:
    """Who stops finishes the step in hand, under its lease, and lays the operation down before the next."""
    begun, ended = threading.Event(), threading.Event()

    def effect(_job: Job, _tools: object) -> None:
        begun.set()
        assert ended.wait(SOON_S)

    operation_id = submit(db, plain())
    runner = make_runner(db, plain(effect), lease_s=0.3)
    runner.start()
    assert begun.wait(SOON_S)
    stopping = threading.Thread(target=runner.stop)
    stopping.start()
    until(lambda: not runner._dispatching.is_alive())
    submit(db, plain(), "late")
    first = row_of(db, operation_id).due_at
    until(lambda: row_of(db, operation_id).due_at > first + 0.5)
    ended.set()
    stopping.join(SOON_S)
    row = row_of(db, operation_id)
    assert (row.step, row.worker, row.attempt, row.outcome) == ("second", None, 1, None)
    assert marks(db) == {("s", "first"): 1}
    assert make_runner(db, plain()).run_due() == 2
    assert marks(db)["s", "second"] == marks(db)["late", "second"] == 1


def test_stop_does_not_wait_for_what_takes_long(db: Database) -> None:
    """An effect that asks whether to go on is left, and the next process takes it up at once."""
    begun = threading.Event()

    def effect(job: Job, _tools: object) -> None:
        while job.attempt == 1:
            begun.set()
            job.check()
            time.sleep(0.001)

    operation_id = submit(db, plain())
    runner = make_runner(db, plain(effect))
    runner.start()
    assert begun.wait(SOON_S)
    runner.stop()
    row = row_of(db, operation_id)
    assert (row.step, row.worker, row.outcome) == ("first", None, None)
    assert make_runner(db, plain(effect)).run_due() == 1
    assert row_of(db, operation_id).outcome == "done"


def test_put_off_for_no_time(db: Database) -> None:
    """The next attempt may begin before the last has been cleared away, and is kept all the same."""
    left = [Retry("again", 0.0)] * 20

    def effect(_job: Job, _tools: object) -> None:
        if left:
            raise left.pop()
        time.sleep(0.5)

    operation_id = submit(db, plain())
    runner = make_runner(db, plain(effect), lease_s=0.3, threads=2)
    runner.start()
    until(lambda: row_of(db, operation_id).outcome)
    runner.stop()
    assert row_of(db, operation_id).attempt == 21
    assert marks(db) == {("s", "first"): 1, ("s", "second"): 1}


def test_slow_work_holds_up_nobody(db: Database) -> None:
    """However much slow work waits, one of it is in hand at a time, and all threads are left to the others."""
    going_on, begun = threading.Event(), threading.Event()
    at_once: list[int] = []
    running: set[str] = set()

    def effect(job: Job, _tools: object) -> None:
        running.add(job.subject)
        at_once.append(len(running))
        begun.set()
        assert going_on.wait(SOON_S)
        running.remove(job.subject)

    slow = replace(plain(effect, kind="slow"), is_slow=True)
    for number in range(12):
        submit(db, slow, f"slow{number}")
    runner = make_runner(db, slow, plain(), threads=1)
    runner.start()
    assert begun.wait(SOON_S)
    quick = [submit(db, plain(), f"quick{number}") for number in range(3)]
    until(lambda: all(row_of(db, each).outcome == "done" for each in quick))
    assert running == {"slow0"}
    going_on.set()
    until(lambda: marks(db)["slow11", "second"])
    runner.stop()
    assert at_once == [1] * 12


def test_more_work_than_threads(db: Database) -> None:
    """A runner claims no more than it can work on: the rest is left to others."""
    ended = threading.Event()
    ids = [submit(db, plain(), f"s{number}") for number in range(5)]
    runner = make_runner(db, plain(lambda _job, _tools: ended.wait(SOON_S)), threads=2)
    runner.start()
    until(lambda: sum(row_of(db, operation_id).worker is not None for operation_id in ids) == 2)
    time.sleep(0.1)
    assert sum(row_of(db, operation_id).worker is not None for operation_id in ids) == 2
    ended.set()
    until(lambda: all(row_of(db, operation_id).outcome for operation_id in ids))
    runner.stop()
