"""The engine on every kind of database: nothing is lost and nothing is done twice, whoever dies."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from lapilli.db.engine import Database
from lapilli.db.invariants import check
from lapilli.db.schema import holds, operations
from lapilli.model.errors import Conflict, Unavailable
from lapilli.work import queue
from tests.conformance.databases import db, migrated, server_name
from tests.conformance.engine import SOON_S, hurry, live, make_runner, marks, plain, submit, until
from tests.servers.process import Server

__all__ = ["db", "migrated"]

ROOT = Path(__file__).parents[2]
OPERATION = plain()


@pytest.fixture
def server(db: Database, request: pytest.FixtureRequest) -> Server:
    """The server behind the database."""
    if db.is_sqlite:
        pytest.skip("SQLite has no server")
    found = request.getfixturevalue(server_name(db))
    assert isinstance(found, Server)
    return found


def submit_many(db: Database, count: int) -> list[str]:
    subjects = [f"s{number}" for number in range(count)]
    db.write(lambda tx: [queue.submit(tx, OPERATION, subject, "q") for subject in subjects])
    return subjects


def start_worker(db: Database) -> subprocess.Popen[bytes]:
    url = db.url.render_as_string(hide_password=False)
    return subprocess.Popen([sys.executable, "-m", "tests.conformance.engine", url], cwd=ROOT)


def assert_each_once(db: Database, subjects: list[str]) -> None:
    """Every record of every operation was written once, and no operation is left."""
    assert marks(db) == {(subject, event): 1 for subject in subjects for event in ("first", "second")}
    with db.read() as tx:
        assert set(tx.execute(select(operations.c.outcome)).scalars()) == {"done"}
        assert tx.execute(select(holds)).all() == []
        assert check(tx) == []


def test_claimers_in_threads_share_nothing(db: Database) -> None:
    """Of many that claim at once each gets operations of its own, and together they get all."""
    submit_many(db, 40)
    together = Barrier(8)

    def claim(number: int) -> list[str]:
        mine: list[str] = []
        together.wait()
        while jobs := db.write(lambda tx: queue.claim(tx, ["q"], f"w{number}", 3)):
            mine += [job.id for job in jobs]
        return mine

    with ThreadPoolExecutor(8) as pool:
        claimed = [operation for mine in pool.map(claim, range(8)) for operation in mine]
    # Who finds every due row locked by another comes back later, as a runner does.
    claimed += [job.id for job in db.write(lambda tx: queue.claim(tx, ["q"], "w", 40))]
    assert len(claimed) == len(set(claimed)) == 40


def test_runners_in_threads(db: Database) -> None:
    """Several runners with many threads each bring every operation to its end once."""
    subjects = submit_many(db, 60)
    runners = [make_runner(db, OPERATION, worker=f"w{number}", threads=4) for number in range(3)]
    for runner in runners:
        runner.start()
    until(lambda: not live(db))
    for runner in runners:
        runner.stop()
    assert_each_once(db, subjects)


def test_workers_that_are_killed(db: Database) -> None:
    """Two processes share the work, one is killed in the midst of it, and the other finishes it."""
    subjects = submit_many(db, 150)
    victim, other = start_worker(db), start_worker(db)
    until(lambda: len(marks(db)) > 20)
    victim.kill()
    victim.wait()
    assert other.wait(SOON_S) == 0
    assert_each_once(db, subjects)


def test_server_that_is_killed(db: Database, server: Server) -> None:
    """The database goes away in the midst of the work and comes back; nobody is told, and nothing is missing."""
    operation = plain(lambda _job, _tools: time.sleep(0.005))
    subjects = submit_many(db, 150)
    runner = make_runner(db, operation, lease_s=1.0, threads=4)
    runner.start()
    until(lambda: len(marks(db)) > 20)
    server.kill()
    with pytest.raises(Unavailable):
        db.write(lambda tx: queue.release(tx, ["q"]))
    server.start()
    until(lambda: not live(db))
    runner.stop()
    assert_each_once(db, subjects)


def test_one_operation_per_resource(db: Database) -> None:
    """Of many that want to move a resource at once one may, until it has finished; a refused one leaves nothing."""

    def ask(_number: int) -> bool:
        try:
            submit(db, OPERATION, held=["other"])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(ask, range(12))) == 1
    with pytest.raises(Conflict, match="Another operation is working on other"):
        submit(db, OPERATION, "other")
    assert live(db) == 1
    make_runner(db, OPERATION).run_due()
    submit(db, OPERATION, "other")


def test_stalled_claim_is_taken_over(db: Database) -> None:
    """A lease that has passed is claimed by somebody else, with the next attempt's number."""
    submit(db, OPERATION)
    [first] = db.write(lambda tx: queue.claim(tx, ["q"], "a", 9))
    assert db.write(lambda tx: queue.claim(tx, ["q"], "b", 9)) == []
    hurry(db)
    [second] = db.write(lambda tx: queue.claim(tx, ["q"], "b", 9))
    assert (first.id, first.attempt, second.attempt) == (second.id, 1, 2)
