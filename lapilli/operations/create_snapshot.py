"""Keep the present bytes of a volume as a snapshot."""

import uuid
from collections.abc import Mapping

from sqlalchemy import Connection

from lapilli.db import pools, snapshots, volumes
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import Rules, check_at_rest, check_not_frozen, require_status, scope_of, take_quota
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.wipe_volume import free, take_snapshot
from lapilli.work.operation import Done, Goto, Job, Operation, Step, no_effect
from lapilli.work.queue import submit


def admit(
    tx: Connection,
    caller: Caller,
    rules: Rules,
    volume_id: str,
    *,
    name: str | None,
    description: str | None,
    metadata: Mapping[str, str],
    force: bool,
) -> str:
    """What happens before 202; `force` takes a volume that is in use. Returns the snapshot's id."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    require_status("Volume", volume, {"available", "in-use"} if force else {"available"})
    check_not_frozen(tx, volume.host)
    check_at_rest(tx, volume)
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
        volume_id=volume_id,
        volume_type_id=volume.volume_type_id,
        name=name,
        description=description,
        size_gib=volume.size_gib,
        progress="0%",
        metadata=dict(metadata),
    )
    submit(
        tx,
        OPERATION,
        snapshot_id,
        volume_queue(Location.parse(volume.host).service),
        source=volume_id,
        project_id=caller.project_id,
        request_id=caller.request_id,
        args={"volume_id": volume_id, "pool": volume.host, "size_gib": volume.size_gib},
    )
    return snapshot_id


def record_space(tx: Connection, job: Job, _result: None) -> Goto:
    """Where a snapshot may come to need space of its own, it is reserved like a volume's."""
    args = job.args
    if not pools.fact(tx, args["pool"], "snapshots_take_space"):
        return Goto("take")
    if not pools.take_if_free(tx, args["pool"], args["size_gib"]):
        return Goto("fail", error=f"{args['pool']} has no {args['size_gib']} GiB free for the snapshot.")
    snapshots.change(tx, job.subject, allocated_gib=args["size_gib"])
    return Goto("take")


def take(job: Job, desk: VolumeDesk) -> None:
    """Make the snapshot exist."""
    desk.driver.create_snapshot(desk.names.snapshot(job.subject), desk.names.volume(job.args["volume_id"]))


def record_snapshot(tx: Connection, job: Job, _result: None) -> Done:
    snapshots.move(tx, job.subject, "created", progress="100%")
    return Done()


def undo(job: Job, desk: VolumeDesk) -> str | None:
    """What was made of the snapshot is removed."""
    return take_snapshot(desk, job.subject, job.args["volume_id"])


def record_failure(tx: Connection, job: Job, left: str | None) -> Done:
    free(tx, job, job.args["pool"], snapshots.get(tx, job.subject, None).allocated_gib, left, volumes=0)
    snapshots.move(tx, job.subject, "create_failed", allocated_gib=0)
    complain(tx, job, Action.SNAPSHOT_CREATE, Detail.SNAPSHOT_CREATE_ERROR, Resource.SNAPSHOT)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="snapshot.create",
    steps=(Step("reserve", no_effect, record_space), Step("take", take, record_snapshot)),
    fail=Step("fail", undo, record_failure),
)
