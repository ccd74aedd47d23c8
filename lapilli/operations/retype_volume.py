"""Give a volume another type: where it is if its pool is as the type demands, else on a pool that is."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lapilli.db import decisions, encryptions, qos_specs, snapshots, types, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.model.values import Caller
from lapilli.operations.admission import Rules, check_size_for_type, scope_of, take_quotas
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk
from lapilli.operations.migrate_volume import SETTLED, check_movable
from lapilli.operations.move_volume import FAIL, STEPS, begin, new_type, put_down
from lapilli.operations.placement import PATIENCE, decide, reserve, why_none
from lapilli.operations.type_choice import is_encrypted_alike, zones_of
from lapilli.operations.wishes import submit_for
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import is_source


def admit(tx: Connection, caller: Caller, rules: Rules, volume_id: str, asked: str, *, may_move: bool) -> bool:
    """What happens before 202: the volume is `retyping`, and counts in the quotas of both types.

    Returns whether it becomes one that can be attached more than once, which needs a right of its own.
    """
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    kind = types.hold_named(tx, asked, scope_of(caller))
    if kind is None:
        raise NotFound("Volume type", asked)
    check_size_for_type(volume.size_gib, kind)
    multiattach = kind.extra_specs.get("multiattach") == "<is> True"
    _check(tx, volume, kind, multiattach=multiattach)
    _take_quota(tx, rules, volume, kind)
    volumes.move(tx, volume_id, "retype", previous_status=volume.status, new_type_id=kind.id)
    zones = zones_of(kind) or {volume.availability_zone} - {None}
    args = {
        "may_move": may_move,
        "multiattach": multiattach,
        "pool": volume.host,
        "size_gib": volume.size_gib,
        "zones": sorted(zones),
        "extra_specs": kind.extra_specs,
    }
    submit_for(tx, OPERATION, volume, caller, SCHEDULER_QUEUE, args=args)
    return multiattach and not volume.multiattach


def _check(tx: Connection, volume: AnyRow, kind: AnyRow, *, multiattach: bool) -> None:
    if volume.volume_type_id == kind.id:
        raise Conflict(f"Volume {volume.id} is of type {kind.name} already.")
    if any(row.project_id != volume.project_id for row in snapshots.of_volume(tx, volume.id)):
        raise Conflict(f"Volume {volume.id} has snapshots of another project, whose type would change with its own.")
    if volume.migration_status not in SETTLED:
        raise Conflict(f"Volume {volume.id} is being migrated; wait for the end of that.")
    if volume.group_id is not None:
        raise Conflict(f"Volume {volume.id} is part of group {volume.group_id}; take it out first.")
    if volume.multiattach != multiattach and volume.status != "available":
        raise Malformed(f"Volume {volume.id} is {volume.status}; multiattach changes only while it is available.")
    if multiattach and encryptions.find(tx, kind.id) is not None:
        raise Malformed(f"Volume type {kind.name} is multiattach and encrypted, which no host can do.")
    if not is_encrypted_alike(tx, volume.volume_type_id, kind.id):
        raise Malformed(
            f"Volume type {kind.name} is not encrypted as volume {volume.id} is; its bytes stay as they are."
        )
    if volume.status == "in-use" and _of_host(tx, volume.volume_type_id) != _of_host(tx, kind.id):
        raise Conflict(f"Volume {volume.id} is in-use, and its host keeps to the QoS of its present type.")
    if is_source(tx, volume.id):
        raise Conflict(f"Volume {volume.id} is being copied or attached; try again when that is done.")


def _of_host(tx: Connection, type_id: str) -> Mapping[str, Any] | None:
    """The QoS specs of a type that are the host's to keep."""
    row = qos_specs.of_type(tx, type_id)
    return None if row is None or row.consumer == "back-end" else row.specs


def _take_quota(tx: Connection, rules: Rules, volume: AnyRow, kind: AnyRow) -> None:
    counted = [snapshot for snapshot in snapshots.of_volume(tx, volume.id) if snapshot.consumes_quota]
    size_gib = volume.size_gib if volume.consumes_quota else 0
    if rules.snapshots_use_gigabytes:
        size_gib += sum(snapshot.size_gib for snapshot in counted)
    more = {"volumes": int(volume.consumes_quota), "gigabytes": size_gib, "snapshots": len(counted)}
    of_type = {f"{resource}_{kind.name}": amount for resource, amount in more.items()}
    take_quotas(tx, rules, volume.project_id, (), of_type)


def place(job: Job, desk: SchedulerDesk) -> Decision:
    """Rank the pools for the new type; the one that the volume is on needs no space."""
    args = job.args
    request = Request(
        volume_id=job.subject,
        size_gib=args["size_gib"],
        operation="retype",
        zones=tuple(args["zones"]),
        extra_specs=args["extra_specs"],
        exists_on=args["pool"],
    )
    return decide(job, desk, request)


def record_place(tx: Connection, job: Job, decision: Decision) -> Goto | Done:
    """Where the volume is, if that will do; else elsewhere, if it may move and can."""
    here = job.args["pool"]
    if here in decision.ranking:
        decisions.add(tx, job.id, job.subject, here, decision.to_dict())
        volume = volumes.lock(tx, job.subject, None)
        put_down(tx, job.subject, volume.migration_status, **new_type(tx, volume, job))
        return Done()
    hindrance = _why_it_stays(tx, job)
    pool = None if hindrance else reserve(tx, job, decision, volumes=1)
    if pool is None:
        why = f"{here} is not as the type demands: {hindrance}" if hindrance else why_none(decision)
        return Goto("fail", error=why, args={"message": decision.redacted()})
    return begin(tx, job, pool)


def _why_it_stays(tx: Connection, job: Job) -> str | None:
    """Why the volume cannot move to another pool, or None if it can."""
    volume = volumes.lock(tx, job.subject, None)
    if not job.args["may_move"]:
        return "the volume would have to move, and migration_policy is never."
    if volume.previous_status == "in-use":
        return "the volume would have to move, and it is in-use. Detach it first."
    try:
        check_movable(tx, volume)
    except Conflict as error:
        return str(error)
    return None


OPERATION = Operation(
    kind="volume.retype", steps=(Step("place", place, record_place, patience=PATIENCE), *STEPS), fail=FAIL
)
