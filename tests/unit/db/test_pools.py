"""Pools and accounts."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from lapilli.db import pools, services
from lapilli.db.engine import Database
from lapilli.db.schema import accounts
from lapilli.db.schema import pools as table
from lapilli.model.errors import Unavailable
from lapilli.model.protocols.storage import PoolReport
from tests.conformance.databases import add_pool


def report(db: Database, name: str, account: str, free_gib: float = 100.0) -> None:
    """What a backend does every minute."""
    facts = PoolReport(name.partition("#")[2], account, 100.0, free_gib, thin=True)
    with db.read() as tx:
        before = pools.allocations(tx)
    db.write(lambda tx: pools.report(tx, name, facts, {}, before.get(account, 0)))


def allocated(db: Database) -> dict[str, int]:
    with db.read() as tx:
        found = {row.id: row.allocated_gib for row in tx.execute(select(accounts))}
        return found | {row.name: row.allocated_gib for row in tx.execute(select(table))}


def test_concurrent_takes_keep_the_limit(db: Database) -> None:
    """Of many that saw the same free space, in two pools of one account, those that fit get it."""
    db.write(lambda tx: add_pool(tx, "h@a#p", others=["h@b#p"]))

    def take(number: int) -> bool:
        name = f"h@{'ab'[number % 2]}#p"
        return db.write(lambda tx: pools.take(tx, name, 7, volumes=1, limit_gib=50.0))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(24))) == 7
    found = allocated(db)
    assert found["vg"] == found["h@a#p"] + found["h@b#p"] == 49
    with db.read() as tx:
        assert sum(tx.scalars(select(table.c.volume_count))) == 7


def test_take_and_give_back(db: Database) -> None:
    """What is given back is as if it had not been taken; a pool that does not exist has nothing to give."""
    report(db, "h@a#p", "vg")
    assert db.write(lambda tx: pools.take(tx, "h@a#p", 30, volumes=1, limit_gib=30.0))
    assert not db.write(lambda tx: pools.take(tx, "h@a#p", 1, volumes=1, limit_gib=30.0))
    db.write(lambda tx: pools.give_back(tx, "h@a#p", 30, volumes=1))
    assert allocated(db) == {"vg": 0, "h@a#p": 0}
    assert not db.write(lambda tx: pools.take(tx, "h@none#p", 1, volumes=1, limit_gib=30.0))


def test_more_is_given_back_than_was_taken(db: Database) -> None:
    """The database refuses what would be below nothing, and all of it."""
    report(db, "h@a#p", "vg")
    with pytest.raises((DBAPIError, Unavailable)):
        db.write(lambda tx: pools.give_back(tx, "h@a#p", 1, volumes=1))
    assert allocated(db) == {"vg": 0, "h@a#p": 0}


def test_report_leaves_the_allocation(db: Database) -> None:
    """A report says what is free, and what was allocated when that was read."""
    report(db, "h@a#p", "vg")
    db.write(lambda tx: pools.take(tx, "h@a#p", 30, volumes=1, limit_gib=100.0))
    report(db, "h@a#p", "vg", free_gib=80.0)
    with db.read() as tx:
        row = tx.execute(select(accounts)).one()
    assert (row.free_gib, row.allocated_gib, row.allocated_gib_at_report) == (80.0, 30, 30)
    assert not db.write(lambda tx: pools.take_if_free(tx, "h@a#p", 81))
    assert db.write(lambda tx: pools.take_if_free(tx, "h@a#p", 80))


def test_account_of_a_pool_changes(db: Database) -> None:
    """New storage behind a pool: what it holds is counted where it is now, and can be given back."""
    report(db, "h@a#p", "old")
    report(db, "h@b#p", "old")
    for name in ("h@a#p", "h@b#p"):
        db.write(partial(pools.take, name=name, size_gib=5, volumes=1, limit_gib=100.0))
    report(db, "h@a#p", "new")
    assert allocated(db) == {"old": 5, "new": 5, "h@a#p": 5, "h@b#p": 5}
    db.write(lambda tx: pools.give_back(tx, "h@a#p", 5, volumes=1))
    assert allocated(db)["new"] == 0


def test_forgotten_pools(db: Database) -> None:
    """A pool that is no longer reported goes, unless it holds volumes; other services' stay."""
    for name in ("h@a#p", "h@a#q", "h@a#r", "h@b#p"):
        report(db, name, "vg")
    db.write(lambda tx: pools.take(tx, "h@a#q", 5, volumes=1, limit_gib=100.0))
    db.write(lambda tx: pools.forget_others(tx, "h@a", ["h@a#p"]))
    assert set(allocated(db)) == {"vg", "h@a#p", "h@a#q", "h@b#p"}


def test_list_joins_the_service(db: Database) -> None:
    """A pool is listed once its service has given a sign of life, with the age of that sign."""
    report(db, "h@a#p", "vg")
    with db.read() as tx:
        assert pools.list_all(tx) == []
    db.write(lambda tx: services.beat(tx, "cinder-volume", "h@a", "nova", "no disk"))
    with db.read() as tx:
        [row] = pools.list_all(tx)
    assert (row.name, row.trouble, row.availability_zone, row.account) == ("h@a#p", "no disk", "nova", "vg")
    assert 0 <= row.age_s < 60
