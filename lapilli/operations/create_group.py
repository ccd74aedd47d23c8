"""Create a group: find the pool on which volumes of all its types fit. Its volumes are made in it later."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from lapilli.db import decisions, groups, services, types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, NotFound
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import Rules, scope_of, take_quotas
from lapilli.operations.complaints import complain
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk
from lapilli.operations.group_rules import CONSISTENT_SNAPSHOTS, says
from lapilli.operations.placement import PATIENCE, decide
from lapilli.operations.type_choice import choose_zones
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import submit


@dataclass(frozen=True)
class Wish:
    """What was asked for. `volume_types` are ids or names."""

    volume_types: Sequence[str]
    name: str | None = None
    description: str | None = None
    availability_zone: str | None = None


def admit(tx: Connection, caller: Caller, rules: Rules, group_type: AnyRow, wish: Wish) -> str:
    """What happens before 202. Returns the group's id."""
    kinds = [_volume_type(tx, caller, wanted) for wanted in dict.fromkeys(wish.volume_types)]
    zones = _zones(tx, rules, kinds, wish.availability_zone)
    take_quotas(tx, rules, caller.project_id, [], {"groups": 1})
    group_id = str(uuid.uuid4())
    groups.add(
        tx,
        sorted({kind.id for kind in kinds}),
        id=group_id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        name=wish.name,
        description=wish.description,
        availability_zone=zones[0] if len(zones) == 1 else services.only_zone(tx),
        group_type_id=group_type.id,
        replication_status="disabled",
    )
    submit(
        tx,
        OPERATION,
        group_id,
        SCHEDULER_QUEUE,
        project_id=caller.project_id,
        request_id=caller.request_id,
        args={
            "zones": zones,
            "extra_specs": [kind.extra_specs for kind in kinds],
            "consistent": says(group_type.group_specs, CONSISTENT_SNAPSHOTS),
        },
    )
    return group_id


def _volume_type(tx: Connection, caller: Caller, wanted: str) -> AnyRow:
    found = types.hold_named(tx, wanted, scope_of(caller))
    if found is None:
        raise NotFound("Volume type", wanted)
    return found


def _zones(tx: Connection, rules: Rules, kinds: Sequence[AnyRow], asked: str | None) -> list[str]:
    """The zones that all the types allow; empty means any."""
    allowed = [set(zones) for kind in kinds if (zones := choose_zones(tx, rules, kind, asked, None))]
    if not allowed:
        return []
    common = set.intersection(*allowed)
    if not common:
        raise Malformed("The volume types are bound to availability zones of which they have none in common.")
    return sorted(common)


def place(job: Job, desk: SchedulerDesk) -> list[Decision]:
    """Rank the pools for each of the types; sizes come with the volumes."""
    return [
        decide(job, desk, Request(job.subject, 0, zones=tuple(job.args["zones"]), extra_specs=extra_specs))
        for extra_specs in job.args["extra_specs"]
    ]


def record_place(tx: Connection, job: Job, found: list[Decision]) -> Goto | Done:
    pool = choose(found, prefers_consistent=job.args["consistent"])
    for decision in found:
        decisions.add(tx, job.id, job.subject, pool, decision.to_dict())
    if pool is None:
        return Goto("fail", error=_why_none(found))
    owner = services.find(tx, "cinder-volume", Location.parse(pool).service)
    assert owner is not None, "the pools that are ranked are those of registered services"
    groups.move(tx, job.subject, "created", host=pool, availability_zone=owner.availability_zone)
    return Done()


def choose(found: Sequence[Decision], *, prefers_consistent: bool) -> str | None:
    """The pool that fits every type and stands best in all rankings together; None if there is none.

    Where the group is to be kept as of one moment, pools that can do that come first.
    """
    common = set.intersection(*(set(decision.ranking) for decision in found))
    able = {pool.name for pool in found[0].pools if pool.capabilities.get(CONSISTENT_SNAPSHOTS)}

    def order(name: str) -> tuple[bool, int, str]:
        ranks = sum(decision.ranking.index(name) for decision in found)
        return prefers_consistent and name not in able, ranks, name

    return min(common, key=order, default=None)


def _why_none(found: Sequence[Decision]) -> str:
    refused = [decision.why_none() for decision in found if not decision.ranking]
    return " ".join(refused) or "Each volume type has pools that fit it, but no pool fits them all."


def undo(_job: Job, _desk: SchedulerDesk) -> None:
    """Nothing was made on any storage."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    groups.move(tx, job.subject, "create_failed")
    complain(tx, job, Action.CREATE_GROUP, Detail.NO_BACKEND_AVAILABLE, Resource.GROUP)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="group.create",
    steps=(Step("place", place, record_place, patience=PATIENCE),),
    fail=Step("fail", undo, record_failure),
)
