"""Create a group whose volumes have the bytes of a group snapshot's or of another group's: all of them, or none."""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from lapilli.db import groups, pools, quotas, services, volumes
from lapilli.db.clock import now_text
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import (
    Rules,
    check_not_frozen,
    check_volume_size,
    take_quotas,
)
from lapilli.operations.complaints import complain
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk, VolumeDesk, volume_queue
from lapilli.operations.group_originals import Original, lock_of_group, lock_of_snapshot
from lapilli.operations.placement import PATIENCE, decide, reserve, why_none
from lapilli.operations.type_choice import choose_key
from lapilli.operations.wipe_volume import Left, free, take_volume
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Done, Goto, Job, Operation, Retry, Step
from lapilli.work.queue import submit


def admit(
    tx: Connection,
    caller: Caller,
    rules: Rules,
    *,
    name: str | None,
    description: str | None,
    group_snapshot_id: str | None,
    source_group_id: str | None,
) -> str:
    """What happens before 202; one source. Returns the group's id."""
    if group_snapshot_id is not None:
        source, originals = lock_of_snapshot(tx, caller, group_snapshot_id)
    else:
        source, originals = lock_of_group(tx, caller, source_group_id or "")
    check_not_frozen(tx, source.host)
    _take_quota(tx, caller, rules, originals)
    group_id = str(uuid.uuid4())
    groups.add(
        tx,
        groups.type_ids(tx, [source.id])[source.id],
        id=group_id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        name=name,
        description=description,
        availability_zone=source.availability_zone,
        host=source.host,
        group_type_id=source.group_type_id,
        group_snapshot_id=group_snapshot_id,
        source_group_id=source_group_id,
        replication_status="disabled",
    )
    copies = [_add_volume(tx, caller, rules, group_id, original) for original in originals]
    submit(
        tx,
        OPERATION,
        group_id,
        SCHEDULER_QUEUE,
        source=group_snapshot_id or source_group_id,
        also_read=[original.id for original in originals],
        project_id=caller.project_id,
        request_id=caller.request_id,
        held=[copy["id"] for copy in copies],
        args={"copies": copies, "is_reserved": False},
    )
    return group_id


def _take_quota(tx: Connection, caller: Caller, rules: Rules, originals: Sequence[Original]) -> None:
    limits = quotas.limits(tx, caller.project_id, rules.quota)
    for original in originals:
        check_volume_size(limits, original.size_gib, original.kind)
    pieces = [(each.kind.name, {"volumes": 1, "gigabytes": each.size_gib}) for each in originals]
    take_quotas(tx, rules, caller.project_id, pieces, {"groups": 1}, limits)


def _add_volume(tx: Connection, caller: Caller, rules: Rules, group_id: str, original: Original) -> dict[str, Any]:
    """The row of a copy, and what its making needs to know."""
    volume, snapshot, kind = original
    volume_id = str(uuid.uuid4())
    volumes.add(
        tx,
        id=volume_id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        size_gib=original.size_gib,
        charged_gib=original.size_gib,
        volume_type_id=kind.id,
        availability_zone=volume.availability_zone,
        snapshot_id=snapshot.id if snapshot is not None else None,
        source_volid=volume.id if snapshot is None else None,
        group_id=group_id,
        encryption_key_id=choose_key(tx, rules, kind, kind.id),
        multiattach=kind.extra_specs.get("multiattach") == "<is> True",
        bootable=volume.bootable,
        image_metadata=dict(volume.image_metadata),
    )
    return {
        "id": volume_id,
        "size_gib": original.size_gib,
        "origin": volume.id,
        "snapshot": snapshot.id if snapshot is not None else None,
        "pool": volume.host,
        "thick": kind.extra_specs.get("provisioning:type") == "thick",
    }


def find_space(job: Job, desk: SchedulerDesk) -> list[Decision]:
    """See whether the pools of the originals have room for all their copies."""
    copies = job.args["copies"]
    size_gib: Counter[str] = Counter()
    for copy in copies:
        size_gib[copy["pool"]] += copy["size_gib"]
    is_thick = any(copy["thick"] for copy in copies)
    specs = {"provisioning:type": "thick"} if is_thick else {}
    return [
        decide(job, desk, Request(job.subject, size_gib[pool], extra_specs=specs, required=pool)) for pool in size_gib
    ]


def record_space(tx: Connection, job: Job, found: list[Decision]) -> Goto:
    copies = job.args["copies"]
    count = Counter(copy["pool"] for copy in copies)
    taken: list[Decision] = []
    for decision in found:
        if not _reserve(tx, job, decision, count[decision.request.required], is_first=not taken):
            for other in taken:
                pool = other.request.required
                pools.give_back(tx, pool, other.request.size_gib, volumes=count[pool])
            return Goto("fail", error=why_none(decision))
        taken.append(decision)
    service = Location.parse(copies[0]["pool"]).service
    owner = services.find(tx, "cinder-volume", service)
    assert owner is not None, "the pools that are ranked are those of registered services"
    for copy in copies:
        where = {"availability_zone": owner.availability_zone, "service_uuid": owner.uuid}
        volumes.change(tx, copy["id"], host=copy["pool"], **where)
    return Goto("copy", volume_queue(service), args={"is_reserved": True})


def _reserve(tx: Connection, job: Job, decision: Decision, count: int, *, is_first: bool) -> bool:
    try:
        return reserve(tx, job, decision, volumes=count) is not None
    except Retry:
        if is_first:
            raise
        return False  # pools can share their space: then it was this group that took it


def copy(job: Job, desk: VolumeDesk) -> None:
    """Make the bytes of all the volumes exist."""
    for each in job.args["copies"]:
        name, size_gib = desk.names.volume(each["id"]), each["size_gib"]
        origin, pool = desk.names.volume(each["origin"]), Location.parse(each["pool"]).pool or ""
        if each["snapshot"]:
            snapshot = desk.names.snapshot(each["snapshot"])
            desk.driver.create_volume_from_snapshot(name, size_gib, snapshot, origin, pool)
        else:
            desk.driver.create_volume_from_volume(name, size_gib, origin, pool)
        job.check()


def record_copy(tx: Connection, job: Job, _result: None) -> Done:
    for each in job.args["copies"]:
        volumes.move(tx, each["id"], "provisioned", launched_at=now_text())
    groups.move(tx, job.subject, "created")
    return Done()


def undo(job: Job, desk: SchedulerDesk | VolumeDesk) -> Left:
    """What the backend may have made of the volumes is removed."""
    if not isinstance(desk, VolumeDesk):
        return {}
    return {each["id"]: take_volume(desk, each["id"]) for each in job.args["copies"]}


def record_failure(tx: Connection, job: Job, left: Left) -> Done:
    for each in job.args["copies"]:
        if job.args["is_reserved"]:
            free(tx, job, each["pool"], each["size_gib"], left.get(each["id"]), volumes=1)
        volumes.move(tx, each["id"], "create_failed", host=None, service_uuid=None)
    groups.move(tx, job.subject, "create_failed")
    complain(tx, job, Action.CREATE_GROUP, Detail.GROUP_COPY_ERROR, Resource.GROUP)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="group.create_from_source",
    steps=(
        Step("find_space", find_space, record_space, patience=PATIENCE),
        Step("copy", copy, record_copy, patience=0),
    ),
    fail=Step("fail", undo, record_failure),
)
