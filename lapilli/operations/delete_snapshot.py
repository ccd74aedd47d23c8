"""Delete a snapshot."""

from sqlalchemy import Connection

from lapilli.db import snapshots, volumes
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import check_not_frozen, scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.deletions import deletion
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.wipe_volume import free, take_snapshot
from lapilli.work.operation import Done, Job
from lapilli.work.queue import is_source, submit


def admit(tx: Connection, caller: Caller, snapshot_id: str, *, force: bool = False) -> None:
    """What happens before 202. A snapshot that is being deleted already is no error."""
    snapshot = snapshots.lock(tx, snapshot_id, scope_of(caller))
    if snapshot.status == "deleting" and not snapshot.by_hand:
        return
    if snapshot.group_snapshot_id is not None:
        raise Conflict(f"Snapshot {snapshot_id} is part of group snapshot {snapshot.group_snapshot_id}.")
    if is_source(tx, snapshot_id):
        raise Conflict(f"Snapshot {snapshot_id} is being copied; try again when the copy is made.")
    volume = volumes.get(tx, snapshot.volume_id, None)
    check_not_frozen(tx, volume.host)
    if force:
        snapshots.set_status(tx, snapshot_id, "error")
    snapshots.move(tx, snapshot_id, "delete")
    submit(
        tx,
        OPERATION,
        snapshot_id,
        volume_queue(Location.parse(volume.host).service),
        project_id=snapshot.project_id,
        request_id=caller.request_id,
        args={"volume_id": snapshot.volume_id, "pool": volume.host},
    )


def remove(job: Job, desk: VolumeDesk) -> str | None:
    """The snapshot ceases to exist. Returns what is left to wipe."""
    return take_snapshot(desk, job.subject, job.args["volume_id"])


def record_removal(tx: Connection, job: Job, left: str | None) -> Done:
    allocated_gib = snapshots.get(tx, job.subject, None).allocated_gib
    snapshots.move(tx, job.subject, "deleted")
    free(tx, job, job.args["pool"], allocated_gib, left, volumes=0)
    return Done()


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    snapshots.move(tx, job.subject, "delete_failed")
    complain(tx, job, Action.SNAPSHOT_DELETE, Detail.SNAPSHOT_DELETE_ERROR, Resource.SNAPSHOT)
    return Done(outcome="failed")


OPERATION = deletion("snapshot.delete", remove, record_removal, record_failure)
