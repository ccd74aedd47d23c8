"""Reserving space: races between schedulers, and pools that do not say what they have."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, update

from lapilli.db import pools, services
from lapilli.db.schema import accounts
from lapilli.model.errors import NoBackendFits
from lapilli.operations import create_volume, placement
from lapilli.operations.create_volume import Wish
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.filters import AvailabilityZoneFilter
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Job, Retry
from tests.unit.operations.lab import RULES, TENANT, Backend, Lab

_EMPTY = dict.fromkeys(("source", "project_id", "error", "request_id"))
_WHAT = {"id": "op", "kind": "volume.create", "subject": "v", "args": {}, "cancel_requested": False}
_WHERE = {"queue": "scheduler", "step": "place", "attempt": 1}


def job(failures: int = 0) -> Job:
    return Job({**_EMPTY, **_WHAT, **_WHERE, "failures": failures}, 15.0)


def decide(lab: Lab, size_gib: int, *, failures: int = 0, **wish: Any) -> Decision:
    return placement.decide(job(failures), lab.scheduler, Request("v", size_gib, **wish))


def reserve(lab: Lab, decision: Decision) -> str | None:
    return lab.db.write(lambda tx: placement.reserve(tx, job(), decision, volumes=1))


def take(lab: Lab, backend: Backend, size_gib: int) -> None:
    """What another scheduler does meanwhile."""

    def write(tx: Connection) -> bool:
        return pools.take(tx, backend.pool, size_gib, volumes=1, limit_gib=1000.0)

    assert lab.db.write(write)


def test_best_pool(lab: Lab) -> None:
    """The first of the ranking is taken, and the decision kept."""
    assert reserve(lab, decide(lab, 5)) == lab.first.pool
    assert (lab.allocated(lab.first), lab.allocated(lab.second)) == ((5, 1), (0, 0))
    (kept,) = lab.decisions("v")
    assert (kept.chosen, kept.operation) == (lab.first.pool, "op")
    assert kept.explanation["ranking"] == [lab.first.pool, lab.second.pool]


def test_space_taken_meanwhile(lab: Lab) -> None:
    """Who comes second takes the next pool, and has to look again when all are full."""
    decision = decide(lab, 10)
    take(lab, lab.first, 15)
    assert reserve(lab, decision) == lab.second.pool
    with pytest.raises(Retry):
        reserve(lab, decision)
    assert (lab.allocated(lab.first), lab.allocated(lab.second)) == ((15, 1), (10, 1))
    assert reserve(lab, decide(lab, 10)) is None
    assert [row.chosen for row in lab.decisions("v")] == [lab.second.pool, None]


def test_last_gib(lab: Lab) -> None:
    """Of two that saw the same last space one has it, and not a GiB more is promised."""
    decision = decide(lab, 20)
    assert decision.ranking == [lab.first.pool]
    assert reserve(lab, decision) == lab.first.pool
    with pytest.raises(Retry):
        reserve(lab, decision)
    assert lab.allocated(lab.first) == (20, 1)


def test_without_a_capacity_filter(lab: Lab) -> None:
    """A ranking of pools without room ends with the volume in error: looking again would not help."""
    lab.schedule(AvailabilityZoneFilter())
    decision = decide(lab, 500)
    assert decision.ranking == [lab.first.pool, lab.second.pool]
    assert reserve(lab, decision) is None
    assert placement.why_none(decision) == "No pool that passed the filters has room for it."
    volume_id = lab.create(500)
    assert lab.status(volume_id) == "error"
    assert lab.operation(volume_id).error == placement.why_none(decision)


def test_service_that_is_down(lab: Lab) -> None:
    """While the only pool that fits is out of reach it is looked for again, until patience ends with a decision."""
    silent: dict[str, Any] = {"binary": "cinder-volume", "host": lab.first.service, "heartbeat_s": 0.0}
    lab.db.write(partial(services.change, **silent))
    with pytest.raises(NoBackendFits):
        decide(lab, 15)
    assert decide(lab, 15, failures=placement.PATIENCE).ranking == []
    assert decide(lab, 500).ranking == []


def test_over_subscription(lab: Lab) -> None:
    """A thin pool may be promised more than it has, as often as its ratio says."""
    lab.tell(lab.first, max_over_subscription_ratio="1.5")
    assert reserve(lab, decide(lab, 30)) == lab.first.pool
    assert reserve(lab, decide(lab, 1)) == lab.second.pool


def test_thick_pool(lab: Lab) -> None:
    """What was placed since the report is missing from a thick pool's free space, before it reports again."""
    lab.tell(lab.first, thin_provisioning_support=False, thick_provisioning_support=True)
    lab.db.write(lambda tx: tx.execute(update(accounts).where(accounts.c.total_gib == 20.0).values(free_gib=12.0)))
    wish: dict[str, Any] = {"required": lab.first.pool}
    take(lab, lab.first, 8)
    assert decide(lab, 5, **wish).ranking == []
    assert reserve(lab, decide(lab, 4, **wish)) == lab.first.pool


def test_two_requests_for_the_last_space(lab: Lab) -> None:
    """The operations that lose the race end too: one volume is placed, the other in error."""
    ids = [lab.ask(create_volume.admit, TENANT, RULES, Wish(size_gib=15)) for _ in range(2)]
    lab.work()
    assert sorted(lab.status(each) for each in ids) == ["available", "error"]


def test_capabilities(lab: Lab) -> None:
    """What extra specs are compared with: the report, and the numbers that the database knows."""
    lab.create(3)
    (first, _) = lab.see(pools.list_all)
    wanted = {
        "volume_backend_name": "first",
        "total_capacity_gb": 20.0,
        "allocated_capacity_gb": 3,
        "provisioned_capacity_gb": 3,
        "total_volumes": 1,
    }
    assert wanted.items() <= placement.capabilities(first).items()


def test_pool_of_a_dead_service(lab: Lab) -> None:
    """A state says in words why the pool is down."""
    (first, _) = lab.see(pools.list_all)
    assert placement.pool_state(first, 60.0).is_up
    silent = placement.pool_state(first._replace(age_s=61.0), 60.0)
    assert (silent.is_up, silent.why_down) == (False, "no heartbeat for 61 s")
    troubled = placement.pool_state(first._replace(trouble="no disk"), 60.0)
    assert (troubled.is_up, troubled.why_down) == (False, "no disk")
