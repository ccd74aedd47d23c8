"""Find a place: the pools as the database knows them, ranked, and space reserved in the best that still has it."""

from typing import Any

from sqlalchemy import Connection

from lapilli.db import decisions, pools
from lapilli.db.rows import AnyRow
from lapilli.model.errors import NoBackendFits
from lapilli.operations.desks import SchedulerDesk
from lapilli.scheduler.capacity import over_subscription_ratio, virtual_free_gib
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import PoolState, Request
from lapilli.scheduler.ranking import rank
from lapilli.work.operation import Goto, Job, Retry

BOUNDLESS_GIB = 1e15
"""Stands for a pool that says it is infinite; a database cannot compare with infinity."""


def pool_state(row: AnyRow, service_down_time_s: float) -> PoolState:
    """What the scheduler looks at, put together from a row of `db.pools.list_all`."""
    facts: dict[str, Any] = row.capabilities
    thin = bool(facts.get("thin_provisioning_support"))
    allocated = row.allocated_gib
    return PoolState(
        name=row.name,
        zone=row.availability_zone,
        account=row.account,
        total_gib=row.total_gib,
        # Free space shrinks by what was placed since it was measured, whether or not bytes were written yet.
        free_gib=row.free_gib if thin else row.free_gib - (allocated - row.allocated_gib_at_report),
        allocated_gib=allocated,
        reserved_percentage=int(facts.get("reserved_percentage", 0)),
        max_over_subscription_ratio=over_subscription_ratio(
            facts.get("max_over_subscription_ratio", 1.0),
            total_gib=row.total_gib,
            free_gib=row.free_gib,
            provisioned_gib=allocated,
            thin=thin,
        ),
        thin=thin,
        thick=bool(facts.get("thick_provisioning_support")),
        volume_count=row.volume_count,
        capabilities=capabilities(row),
        is_up=row.age_s <= service_down_time_s and not row.trouble,
        is_enabled=not row.disabled,
        is_frozen=row.frozen,
        why_down=row.trouble or f"no heartbeat for {row.age_s:.0f} s",
    )


def capabilities(row: AnyRow) -> dict[str, Any]:
    """The pool's report under Cinder's names, with what the database knows exactly."""
    return {
        **row.capabilities,
        "total_capacity_gb": round(row.total_gib, 2),
        "free_capacity_gb": round(row.free_gib, 2),
        "allocated_capacity_gb": row.pool_allocated_gib,
        "provisioned_capacity_gb": row.allocated_gib,
        "total_volumes": row.volume_count,
    }


PATIENCE = 5
"""Looks at the pools, half a minute in all, while a service that is down keeps the only ones that fit."""


def decide(job: Job, desk: SchedulerDesk, request: Request) -> Decision:
    """Rank the pools as they are now.

    Raises `NoBackendFits`, which may pass, when none fits but some would if their services were up. The last look
    raises nothing: its decision is what is kept.
    """
    with desk.db.read() as tx:
        rows = pools.list_all(tx)
    states = [pool_state(row, desk.service_down_time_s) for row in rows]
    decision = rank(request, states, desk.filters, desk.weighers)
    if not decision.ranking and decision.awaited and job.failures < PATIENCE:
        raise NoBackendFits(decision.why_none())
    return decision


def reserve(tx: Connection, job: Job, decision: Decision, *, volumes: int) -> str | None:
    """Keep the decision, take the space in the first pool of the ranking that still has it, and name that pool.

    None when no pool fits. Raises `Retry`, to look again, when others were faster in every pool that does.
    """
    request = decision.request
    states = {pool.name: pool for pool in decision.pools}
    was_close = False
    for name in decision.ranking:
        state = states[name]
        room_gib = min(virtual_free_gib(state, thick=request.is_thick), BOUNDLESS_GIB)
        if room_gib < request.size_gib:
            continue  # ranked without the CapacityFilter
        was_close = True
        if pools.take(tx, name, request.size_gib, volumes=volumes, limit_gib=state.allocated_gib + room_gib):
            decisions.add(tx, job.id, request.volume_id, name, decision.to_dict())
            return name
    if was_close:
        raise Retry("the space was taken meanwhile", 0.0)
    decisions.add(tx, job.id, request.volume_id, None, decision.to_dict())
    return None


def settle(tx: Connection, job: Job, decision: Decision) -> str | None:
    """Keep the decision, and count a volume in the first pool of the ranking, where its space is taken already."""
    name = next(iter(decision.ranking), None)
    if name is not None:
        pools.take(tx, name, 0, volumes=1, limit_gib=BOUNDLESS_GIB)
    decisions.add(tx, job.id, decision.request.volume_id, name, decision.to_dict())
    return name


def why_none(decision: Decision) -> str:
    """For operators, why no pool could take the request."""
    return decision.why_none() or "No pool that passed the filters has room for it."


def nowhere(decision: Decision) -> Goto:
    """The way down of a wish that no pool could take."""
    return Goto("fail", error=why_none(decision), args={"message": decision.redacted()})
