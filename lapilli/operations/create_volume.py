"""Create a volume, empty or with the bytes of a snapshot or another volume: admit, place, provision."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from lapilli.db import pools, services, snapshots, volumes
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import (
    Rules,
    check_at_rest,
    check_volume_size,
    choose_type,
    choose_zone,
    require_status,
    scope_of,
    take_quota,
)
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk, VolumeDesk, volume_queue
from lapilli.operations.placement import PATIENCE, decide, reserve, why_none
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import submit


@dataclass(frozen=True)
class Wish:
    """What was asked for. At most one source; `size_gib` may be left to the source."""

    size_gib: int | None = None
    name: str | None = None
    description: str | None = None
    volume_type: str | None = None
    availability_zone: str | None = None
    snapshot_id: str | None = None
    source_volid: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def admit(tx: Connection, caller: Caller, rules: Rules, wish: Wish) -> str:
    """What happens before 202: the row, the quota and the wish, in one transaction. Returns the volume's id."""
    scope = scope_of(caller)
    source, least_gib = _lock_source(tx, wish, scope)
    size_gib = _size_gib(wish, least_gib)
    kind = choose_type(tx, rules, wish.volume_type, source, scope)
    check_volume_size(tx, rules, caller.project_id, size_gib, kind)
    zone = choose_zone(tx, rules, wish.availability_zone, source)
    take_quota(tx, rules, caller.project_id, {"volumes": 1, "gigabytes": size_gib}, kind.name)
    volume_id = str(uuid.uuid4())
    volumes.add(
        tx,
        id=volume_id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        name=wish.name,
        description=wish.description,
        size_gib=size_gib,
        charged_gib=size_gib,
        volume_type_id=kind.id,
        availability_zone=zone,
        snapshot_id=wish.snapshot_id,
        source_volid=wish.source_volid,
        multiattach=kind.extra_specs.get("multiattach") == "<is> True",
        bootable=source is not None and source.bootable,
        image_metadata=dict(source.image_metadata) if source is not None else {},
        metadata=dict(wish.metadata),
    )
    submit(
        tx,
        OPERATION,
        volume_id,
        SCHEDULER_QUEUE,
        source=wish.snapshot_id or wish.source_volid,
        project_id=caller.project_id,
        request_id=caller.request_id,
        args={
            "size_gib": size_gib,
            "zones": [zone] if zone else [],
            "extra_specs": kind.extra_specs,
            "required": source.host if source is not None else "",
            "origin": source.id if source is not None else None,
            "snapshot": wish.snapshot_id,
        },
    )
    return volume_id


def _lock_source(tx: Connection, wish: Wish, scope: str | None) -> tuple[AnyRow | None, int | None]:
    """The volume that the bytes come from (a snapshot's origin), which stays until the copy is made, and their GiB."""
    if wish.snapshot_id and wish.source_volid:
        raise Malformed("Give one source: a snapshot or a volume.")
    if wish.snapshot_id:
        snapshot = snapshots.lock(tx, wish.snapshot_id, scope)
        require_status("Snapshot", snapshot, {"available"})
        # Its size is that of its time; the origin may have grown since.
        return volumes.get(tx, snapshot.volume_id, None), snapshot.size_gib
    if wish.source_volid:
        source = volumes.lock(tx, wish.source_volid, scope)
        require_status("Volume", source, {"available", "in-use"})
        check_at_rest(tx, source)
        return source, source.size_gib
    return None, None


def _size_gib(wish: Wish, source_gib: int | None) -> int:
    size_gib = source_gib if wish.size_gib is None else wish.size_gib
    if size_gib is None:
        raise Malformed("A volume without a source needs a size.")
    if size_gib < 1:
        raise Malformed(f"A volume has at least 1 GiB; {size_gib} GiB were asked for.")
    if source_gib is not None and size_gib < source_gib:
        raise Malformed(f"A size of {size_gib} GiB is less than the {source_gib} GiB of the source.")
    return size_gib


def place(job: Job, desk: SchedulerDesk) -> Decision | None:
    """Rank the pools; None once the volume has been tried on as many backends as the operator allows."""
    args = job.args
    tried = args.get("tried", [])
    if len(tried) >= desk.attempts:
        return None
    request = Request(
        volume_id=job.subject,
        size_gib=args["size_gib"],
        zones=tuple(args["zones"]),
        extra_specs=args["extra_specs"],
        excluded=tuple(tried),
        required=args["required"],
    )
    return decide(job, desk, request)


def record_place(tx: Connection, job: Job, decision: Decision | None) -> Goto:
    if decision is None:
        return Goto("fail", error=job.error)
    pool = reserve(tx, job, decision, volumes=1)
    if pool is None:
        return Goto("fail", error=why_none(decision), args={"message": decision.redacted()})
    service = Location.parse(pool).service
    owner = services.find(tx, "cinder-volume", service)
    assert owner is not None, "the pools that are ranked are those of registered services"
    volumes.change(tx, job.subject, host=pool, availability_zone=owner.availability_zone, service_uuid=owner.uuid)
    return Goto("provision", volume_queue(service), args={"pool": pool})


def provision(job: Job, desk: VolumeDesk) -> None:
    """Make the bytes exist."""
    args = job.args
    name, size_gib = desk.names.volume(job.subject), args["size_gib"]
    pool = Location.parse(args["pool"]).pool or ""
    if args["snapshot"]:
        snapshot, origin = desk.names.snapshot(args["snapshot"]), desk.names.volume(args["origin"])
        desk.driver.create_volume_from_snapshot(name, size_gib, snapshot, origin, pool)
    elif args["origin"]:
        desk.driver.create_volume_from_volume(name, size_gib, desk.names.volume(args["origin"]), pool)
    else:
        desk.driver.create_volume(name, size_gib, pool)


def record_provision(tx: Connection, job: Job, _result: None) -> Done:
    volumes.move(tx, job.subject, "provisioned", launched_at=now_text())
    return Done()


def undo(job: Job, desk: SchedulerDesk | VolumeDesk) -> None:
    """What the backend may have made of it is removed."""
    if isinstance(desk, VolumeDesk):
        desk.driver.delete_volume(desk.names.volume(job.subject))


def record_failure(tx: Connection, job: Job, _result: None) -> Goto | Done:
    """The space is given back, and the next backend is tried unless the scheduler had none."""
    pool: str | None = job.args.get("pool")
    if pool is not None:
        pools.give_back(tx, pool, job.args["size_gib"], volumes=1)
        volumes.change(tx, job.subject, host=None, service_uuid=None)
        tried = [*job.args.get("tried", []), Location.parse(pool).service]
        return Goto("place", SCHEDULER_QUEUE, args={"pool": None, "tried": tried})
    volumes.move(tx, job.subject, "create_failed")
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.create",
    steps=(
        Step("place", place, record_place, patience=PATIENCE),
        Step("provision", provision, record_provision, patience=0),
    ),
    fail=Step("fail", undo, record_failure),
)
