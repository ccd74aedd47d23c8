"""Create a volume, empty or with the bytes of a snapshot, another volume or an image: admit, place, provision."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from lapilli.db import quotas, services, volumes
from lapilli.db.clock import now_text
from lapilli.model.images import Image
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller, Location
from lapilli.operations import image_cache, image_copies
from lapilli.operations.admission import (
    Rules,
    check_volume_size,
    scope_of,
    take_quota,
)
from lapilli.operations.complaints import complain
from lapilli.operations.desks import SCHEDULER_QUEUE, CacheRules, SchedulerDesk, VolumeDesk, volume_queue
from lapilli.operations.group_rules import bound_to, check_type, lock_for_new_volume
from lapilli.operations.image_checks import CACHE_ARGS, image_args, of_image
from lapilli.operations.placement import PATIENCE, decide, nowhere, reserve
from lapilli.operations.type_choice import choose_key, choose_type, choose_zones
from lapilli.operations.volume_source import lock_source, size_with
from lapilli.operations.wipe_volume import free, take_volume
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
    image_type: str | None = None
    """The type that the image names, for a volume whose request names none."""
    availability_zone: str | None = None
    snapshot_id: str | None = None
    source_volid: str | None = None
    image: Image | None = None
    group_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def admit(tx: Connection, caller: Caller, rules: Rules, wish: Wish) -> str:
    """What happens before 202: the row, the quota and the wish, in one transaction. Returns the volume's id."""
    volume_id, args = insert(tx, caller, rules, wish)
    submit(
        tx,
        OPERATION,
        volume_id,
        SCHEDULER_QUEUE,
        source=wish.snapshot_id or wish.source_volid,
        project_id=caller.project_id,
        request_id=caller.request_id,
        args=args,
    )
    return volume_id


def insert(tx: Connection, caller: Caller, rules: Rules, wish: Wish) -> tuple[str, dict[str, Any]]:
    """The row, within the quota, for an operation to be submitted: the volume's id, and what `place` wants to know."""
    group = lock_for_new_volume(tx, caller, wish.group_id, wish.volume_type) if wish.group_id else None
    source, least_gib, of_source = lock_source(tx, wish.snapshot_id, wish.source_volid, scope_of(caller))
    size_gib = size_with(wish.size_gib, least_gib)
    kind = choose_type(tx, rules, caller, wish.volume_type, of_source=of_source, of_image=wish.image_type)
    limits = quotas.limits(tx, caller.project_id, rules.quota)
    check_volume_size(limits, size_gib, kind)
    if group is not None:
        check_type(tx, group, kind.id)
    # A group's zone is that of its volumes, whatever is asked for.
    zones = choose_zones(tx, rules, kind, None if group else wish.availability_zone, group or source)
    take_quota(tx, rules, caller.project_id, {"volumes": 1, "gigabytes": size_gib}, kind.name, limits)
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
        availability_zone=zones[0] if len(zones) == 1 else services.only_zone(tx),
        snapshot_id=wish.snapshot_id,
        source_volid=wish.source_volid,
        group_id=wish.group_id,
        encryption_key_id=choose_key(tx, rules, kind, of_source, wish.image),
        multiattach=kind.extra_specs.get("multiattach") == "<is> True",
        bootable=source is not None and source.bootable,
        image_metadata=dict(source.image_metadata) if source is not None else {},
        metadata=dict(wish.metadata),
    )
    return volume_id, {
        "size_gib": size_gib,
        "zones": zones,
        "extra_specs": kind.extra_specs,
        "required": source.host if source is not None else "",
        "origin": source.id if source is not None else None,
        "snapshot": wish.snapshot_id,
        **image_args(wish.image, rules, size_gib),
        "group": wish.group_id,
    }


def place(job: Job, desk: SchedulerDesk) -> Decision | None:
    """Rank the pools; None once the volume has been tried on as many backends as the operator allows."""
    args = job.args
    tried = args.get("tried", [])
    if len(tried) >= desk.attempts:
        return None
    required = args["required"]
    if args.get("group"):
        with desk.db.read() as tx:
            required = bound_to(tx, args["group"], required)
    request = Request(
        volume_id=job.subject,
        size_gib=args["size_gib"],
        zones=tuple(args["zones"]),
        extra_specs=args["extra_specs"],
        excluded=tuple(tried),
        required=required,
    )
    return decide(job, desk, request)


def record_place(tx: Connection, job: Job, decision: Decision | None) -> Goto:
    if decision is None:
        return Goto("fail", error=job.error)
    pool = reserve(tx, job, decision, volumes=1)
    if pool is None:
        return nowhere(decision)
    service = Location.parse(pool).service
    owner = services.find(tx, "cinder-volume", service)
    assert owner is not None, "the pools that are ranked are those of registered services"
    volumes.change(
        tx,
        job.subject,
        host=pool,
        availability_zone=owner.availability_zone,
        service_uuid=owner.uuid,
        cluster_name=owner.cluster_name,
    )
    following = "search_cache" if job.args.get("image") else "provision"
    return Goto(following, volume_queue(service), args={"pool": pool})


def record_search(tx: Connection, job: Job, rules: CacheRules | None) -> Goto:
    """A volume that holds the image is cloned in place of the image; where it may have one, it is made first."""
    if rules is not None and not job.args["is_cache"]:
        service = Location.parse(job.args["pool"]).service
        if copy := image_cache.find_copy(tx, job, service):
            return Goto("provision", args={"origin": copy})
        if not job.args.get("has_asked") and image_cache.begin(tx, job, rules, service, _bring):
            return Goto("search_cache", args={"has_asked": True})
    return Goto("provision")


def _bring(tx: Connection, volume_id: str, args: Mapping[str, Any]) -> None:
    submit(tx, OPERATION, volume_id, SCHEDULER_QUEUE, args={**CACHE_ARGS, **args})


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


def record_provision(tx: Connection, job: Job, _result: None) -> Goto | Done:
    if job.args.get("image") and not job.args["origin"]:
        volumes.move(tx, job.subject, "download")
        return Goto("download", args={"is_downloading": True})
    volumes.move(tx, job.subject, "provisioned", launched_at=now_text(), **of_image(job))
    return Done()


def record_download(tx: Connection, job: Job, why_not: str | None) -> Goto | Done:
    if why_not:
        return Goto("fail", error=why_not, args={"is_unacceptable": True})
    volumes.move(tx, job.subject, "downloaded", launched_at=now_text(), **of_image(job))
    return Done()


def undo(job: Job, desk: SchedulerDesk | VolumeDesk) -> str | None:
    """What the backend may have made of it is removed. Returns what is left to wipe."""
    if not isinstance(desk, VolumeDesk):
        return None
    if job.args.get("image"):
        image_copies.clean(job, desk)
    return take_volume(desk, job.subject)


def record_failure(tx: Connection, job: Job, left: str | None) -> Goto | Done:
    """The space is given back, and the next backend is tried unless the scheduler had none."""
    pool: str | None = job.args.get("pool")
    if pool is not None:
        free(tx, job, pool, job.args["size_gib"], left, volumes=1)
        volumes.change(tx, job.subject, host=None, service_uuid=None)
    if pool is not None and not job.args.get("is_downloading"):  # no other backend would get another image
        tried = [*job.args.get("tried", []), Location.parse(pool).service]
        return Goto("place", SCHEDULER_QUEUE, args={"pool": None, "tried": tried})
    volumes.move(tx, job.subject, "create_failed")
    if job.args.get("is_downloading"):
        unfit = job.args.get("is_unacceptable")
        why = Detail.IMAGE_FORMAT_UNACCEPTABLE if unfit else Detail.UNKNOWN_ERROR
        complain(tx, job, Action.COPY_IMAGE_TO_VOLUME, why)
    elif job.args.get("tried"):
        complain(tx, job, Action.CREATE_VOLUME_FROM_BACKEND, Detail.DRIVER_FAILED_CREATE)
    else:
        complain(tx, job, Action.SCHEDULE_ALLOCATE_VOLUME, Detail.NO_BACKEND_AVAILABLE)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.create",
    steps=(
        Step("place", place, record_place, patience=PATIENCE),
        Step("search_cache", lambda _job, desk: desk.cache, record_search),
        Step("provision", provision, record_provision, patience=0),
        Step("download", image_copies.try_image, record_download, patience=image_copies.PATIENCE),
    ),
    fail=Step("fail", undo, record_failure),
)
