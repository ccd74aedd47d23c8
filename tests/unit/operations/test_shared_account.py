"""Two stanzas on one storage: they draw on one account, whose space is promised once and counted once."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lapilli.db import pools
from lapilli.db.engine import Database
from lapilli.db.rows import AnyRow
from lapilli.operations import create_volume, delete_volume, placement, report_pools, show_pools
from lapilli.operations.create_volume import Wish
from lapilli.operations.desks import SCHEDULER_QUEUE
from lapilli.operations.registry import OPERATIONS
from lapilli.scheduler.pools import Request
from lapilli.scheduler.weighers import AllocatedCapacityWeigher, CapacityWeigher, SchedulerSettings
from lapilli.work.operation import Job, Retry
from lapilli.work.runner import Runner
from lapilli.work.wake import LocalWake
from tests.unit.operations.lab import RULES, TENANT, Backend, Lab

ROOMY = 1e9
"""Seconds after which a service is taken for down."""
_PLACING = {"id": "op", "kind": "volume.create", "subject": "v", "queue": "scheduler", "step": "place", "args": {}}
ROW = {**_PLACING, "attempt": 1, "failures": 0, "cancel_requested": False} | dict.fromkeys(
    ("source", "project_id", "error", "request_id")
)


class Stanza(Backend):
    """A backend in the directory of another, under a name of its own."""

    def __init__(self, db: Database, name: str, other: Backend, size_gib: int) -> None:
        super().__init__(db, other.directory.parent / name, size_gib, other.zone)
        self.directory = other.directory
        self.driver = other_driver(other, name, size_gib)
        self.desk = replace(self.desk, driver=self.driver)


def other_driver(other: Backend, name: str, size_gib: int) -> Any:
    kind = type(other.driver.plugin)
    return kind(kind.Settings(str(other.directory), size_gib), name)


@pytest.fixture
def lab(db: Database, tmp_path: Path) -> Lab:
    """`first` and `second` are stanzas of one storage of 10 GiB."""
    lab = Lab(db, tmp_path)
    one, two = Stanza(db, "first", lab.second, 10), Stanza(db, "second", lab.second, 10)
    lab.first, lab.second = one, two
    lab.backends = (one, two)
    for backend in lab.backends:
        report(backend)
    lab.schedule(*lab.scheduler.filters)
    return lab


def report(backend: Backend) -> None:
    assert report_pools.run(backend.desk, {"volume_backend_name": backend.name}) is None


def rows(lab: Lab) -> Sequence[AnyRow]:
    return lab.see(pools.list_all)


def test_one_account(lab: Lab) -> None:
    """Both pools name it, and each knows its own part of what is placed."""
    kind = lab.type("of_first", volume_backend_name="first")
    lab.create(3, volume_type=kind)
    lab.create(2, volume_type=lab.type("of_second", volume_backend_name="second"))
    first, second = rows(lab)
    assert first.account == second.account
    assert (first.allocated_gib, first.pool_allocated_gib, second.pool_allocated_gib) == (5, 3, 2)


def test_two_at_once_of_which_one_fits(lab: Lab) -> None:
    """Both decide on the same free space, for different stanzas: one gets it, the other has to look again."""
    job = Job(ROW, 15.0)
    decisions = [placement.decide(job, lab.scheduler, Request("v", 6, required=each.pool)) for each in lab.backends]
    assert [decision.ranking for decision in decisions] == [[lab.first.pool], [lab.second.pool]]
    assert lab.db.write(lambda tx: placement.reserve(tx, job, decisions[0], volumes=1)) == lab.first.pool
    with pytest.raises(Retry):
        lab.db.write(lambda tx: placement.reserve(tx, job, decisions[1], volumes=1))
    assert placement.decide(job, lab.scheduler, decisions[1].request).ranking == []


@pytest.mark.parametrize("attempt", range(5))
def test_two_schedulers_at_once(lab: Lab, attempt: int) -> None:
    """Two processes place 6 GiB each on 10 GiB in the same moment, each for its own stanza: exactly one succeeds."""
    kinds = [lab.type(f"{name}{attempt}", volume_backend_name=name) for name in ("first", "second")]
    wishes = [Wish(size_gib=6, volume_type=kind) for kind in kinds]
    ids = [lab.ask(create_volume.admit, TENANT, RULES, wish) for wish in wishes]
    ready = threading.Barrier(2)

    def schedule(number: int) -> None:
        desks = {SCHEDULER_QUEUE: lab.scheduler}
        runner = Runner(lab.db, LocalWake(), OPERATIONS, desks, worker=f"scheduler{number}", threads=1)
        ready.wait(20)
        while any(lab.volume(id).host is None and lab.status(id) == "creating" for id in ids):
            runner.run_due()

    with ThreadPoolExecutor(2) as both:
        list(both.map(schedule, range(2)))
    lab.work()
    assert sorted(lab.status(id) for id in ids) == ["available", "error"]
    assert {row.allocated_gib for row in rows(lab)} == {6}
    (refused,) = (id for id in ids if lab.status(id) == "error")
    assert "free 4 GiB" in lab.operation(refused).error


def test_weighing_counts_once(lab: Lab) -> None:
    """Neither stanza looks emptier than the other: what is placed by one is missing from both, and only once."""
    lab.create(4, volume_type=lab.type("of_first", volume_backend_name="first"))
    for backend in lab.backends:
        report(backend)
    states = [placement.pool_state(row, ROOMY) for row in rows(lab)]
    request, settings = Request("v", 1), SchedulerSettings()
    assert list(CapacityWeigher(settings).weigh(request, states)) == [6, 6]
    assert list(AllocatedCapacityWeigher(settings).weigh(request, states)) == [4, 4]


def test_pools_as_administrators_see_them(lab: Lab) -> None:
    """`provisioned_capacity_gb` is what all stanzas have promised of the space, `allocated_capacity_gb` one's part."""
    lab.create(4, volume_type=lab.type("of_first", volume_backend_name="first"))
    shown = [placement.capabilities(row) for row in lab.see(show_pools.open_pools, ROOMY)]
    assert [pool["total_capacity_gb"] for pool in shown] == [10, 10]
    assert [pool["provisioned_capacity_gb"] for pool in shown] == [4, 4]
    assert [pool["allocated_capacity_gb"] for pool in shown] == [4, 0]


def test_given_back_to_both(lab: Lab) -> None:
    """What one stanza's volume leaves, the other can have."""
    kinds = [lab.type(f"of_{name}", volume_backend_name=name) for name in ("first", "second")]
    gone = lab.create(8, volume_type=kinds[0])
    assert lab.status(lab.create(8, volume_type=kinds[1])) == "error"
    lab.ask(delete_volume.admit, TENANT, gone)
    lab.work()
    assert lab.status(lab.create(8, volume_type=kinds[1])) == "available"
