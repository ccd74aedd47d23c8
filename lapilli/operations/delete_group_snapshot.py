"""Delete a group snapshot with its snapshots."""

from sqlalchemy import Connection

from lapilli.db import group_snapshots, groups, snapshots, volumes
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import check_not_frozen, scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.deletions import deletion
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.wipe_volume import Left, free, take_snapshot
from lapilli.work.operation import Done, Job
from lapilli.work.queue import is_source, submit


def admit(tx: Connection, caller: Caller, group_snapshot_id: str) -> str:
    """What happens before 202. One that is being deleted already is no error. Returns the queue to be rung."""
    group_snapshot = group_snapshots.lock(tx, group_snapshot_id, scope_of(caller))
    group = groups.get(tx, group_snapshot.group_id, None)
    queue = volume_queue(Location.parse(group.host).service)
    if group_snapshot.status == "deleting" and not group_snapshot.by_hand:
        return queue
    check_not_frozen(tx, group.host)
    doomed = group_snapshots.lock_snapshots(tx, group_snapshot_id)
    if any(is_source(tx, read) for read in (group_snapshot_id, *(snapshot.id for snapshot in doomed))):
        raise Conflict(f"Group snapshot {group_snapshot_id} is being copied; try again when the copy is made.")
    group_snapshots.move(tx, group_snapshot_id, "delete")
    for snapshot in doomed:
        snapshots.move(tx, snapshot.id, "delete")
    submit(
        tx,
        OPERATION,
        group_snapshot_id,
        queue,
        project_id=group_snapshot.project_id,
        request_id=caller.request_id,
        held=[snapshot.id for snapshot in doomed],
        args={"volumes": {snapshot.id: snapshot.volume_id for snapshot in doomed}},
    )
    return queue


def remove(job: Job, desk: VolumeDesk) -> Left:
    """The snapshots cease to exist."""
    left: dict[str, str | None] = {}
    for snapshot_id, volume_id in job.args["volumes"].items():
        left[snapshot_id] = take_snapshot(desk, snapshot_id, volume_id)
        job.check()
    return left


def record_removal(tx: Connection, job: Job, left: Left) -> Done:
    for snapshot_id, volume_id in job.args["volumes"].items():
        snapshot = snapshots.get(tx, snapshot_id, None)
        free(tx, job, volumes.get(tx, volume_id, None).host, snapshot.allocated_gib, left[snapshot_id], volumes=0)
        snapshots.move(tx, snapshot_id, "deleted")
    group_snapshots.move(tx, job.subject, "deleted")
    return Done()


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    for snapshot_id in job.args["volumes"]:
        snapshots.move(tx, snapshot_id, "delete_failed")
    group_snapshots.move(tx, job.subject, "delete_failed")
    complain(tx, job, Action.DELETE_GROUP_SNAPSHOT, Detail.SNAPSHOT_DELETE_ERROR, Resource.GROUP_SNAPSHOT)
    return Done(outcome="failed")


OPERATION = deletion("group_snapshot.delete", remove, record_removal, record_failure)
