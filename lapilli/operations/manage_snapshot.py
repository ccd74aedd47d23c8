"""Take over as a snapshot of a volume what somebody else has put on the volume's backend."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from lapilli.db import pools, snapshots, volumes
from lapilli.model.errors import Malformed
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import Rules, find_service, require_status, scope_of, take_quota
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.existing import check_unmanaged, driver_of, held_name, measure
from lapilli.operations.placement import BOUNDLESS_GIB
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import submit


@dataclass(frozen=True)
class Wish:
    """What was asked for."""

    volume_id: str
    reference: Mapping[str, Any]
    name: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def admit(tx: Connection, caller: Caller, rules: Rules, wish: Wish) -> str:
    """What happens before 202. Returns the snapshot's id."""
    volume = volumes.lock(tx, wish.volume_id, scope_of(caller))
    require_status("Volume", volume, {"available", "in-use"})
    service = Location.parse(volume.host).service
    if find_service(tx, rules, host=service, cluster=None) is None:
        raise Malformed(f"There is no volume service {service}.")
    check_unmanaged(tx, rules, wish.reference)
    more = {"snapshots": 1}
    if rules.snapshots_use_gigabytes:
        more["gigabytes"] = volume.size_gib
    take_quota(tx, rules, caller.project_id, more, volume.volume_type)
    snapshot_id = str(uuid.uuid4())
    snapshots.add(
        tx,
        id=snapshot_id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        volume_id=volume.id,
        volume_type_id=volume.volume_type_id,
        name=wish.name,
        description=wish.description,
        size_gib=volume.size_gib,
        progress="0%",
        metadata=dict(wish.metadata),
    )
    submit(
        tx,
        OPERATION,
        snapshot_id,
        volume_queue(service),
        source=volume.id,
        project_id=caller.project_id,
        request_id=caller.request_id,
        held=[held_name(service, wish.reference)],
        args={"reference": dict(wish.reference), "pool": volume.host, "volume_gib": volume.size_gib},
    )
    return snapshot_id


def look(job: Job, desk: VolumeDesk) -> tuple[str, int]:
    """What the reference means, and how large that is."""
    name, size_gib = measure(desk, job.args["reference"])
    if size_gib > job.args["volume_gib"]:
        raise Malformed(f"{name} has {size_gib} GiB, and the volume never had more than {job.args['volume_gib']}.")
    return name, size_gib


def record_size(tx: Connection, job: Job, found: tuple[str, int]) -> Goto:
    existing, size_gib = found
    allocated_gib = size_gib if pools.fact(tx, job.args["pool"], "snapshots_take_space") else 0
    pools.take(tx, job.args["pool"], allocated_gib, volumes=0, limit_gib=BOUNDLESS_GIB)
    snapshots.change(tx, job.subject, size_gib=size_gib, allocated_gib=allocated_gib)
    return Goto("adopt", args={"existing": existing, "size_gib": size_gib})


def adopt(job: Job, desk: VolumeDesk) -> None:
    """It has the snapshot's name and a whole number of GiB."""
    driver_of(desk).adopt(desk.names.snapshot(job.subject), job.args["existing"], job.args["size_gib"])


def record_adoption(tx: Connection, job: Job, _result: None) -> Done:
    snapshots.move(tx, job.subject, "created", progress="100%")
    return Done()


def undo(job: Job, desk: VolumeDesk) -> None:
    """It has its old name again: deleting the snapshot must not delete what was never ours."""
    if "existing" in job.args:
        driver_of(desk).release(desk.names.snapshot(job.subject), job.args["existing"])


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    pools.give_back(tx, job.args["pool"], snapshots.get(tx, job.subject, None).allocated_gib, volumes=0)
    snapshots.move(tx, job.subject, "create_failed", allocated_gib=0)
    complain(tx, job, Action.MANAGE_SNAPSHOT, Detail.MANAGE_ERROR, Resource.SNAPSHOT)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="snapshot.manage",
    steps=(Step("measure", look, record_size), Step("adopt", adopt, record_adoption)),
    fail=Step("fail", undo, record_failure),
)
