"""Delete a volume, and with `cascade` its snapshots too."""

from collections.abc import Sequence

from sqlalchemy import Connection

from lapilli.db import attachments, snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller
from lapilli.operations.admission import check_not_frozen, scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.deletions import deletion
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.wipe_volume import Left, free, take_snapshot, take_volume
from lapilli.operations.wishes import submit_for
from lapilli.work.operation import Done, Job
from lapilli.work.queue import is_held, is_source


def admit(tx: Connection, caller: Caller, volume_id: str, *, cascade: bool = False, force: bool = False) -> None:
    """What happens before 202. A volume that is being deleted already is no error: it will be gone, as was asked."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    if volume.status == "deleting":
        return
    if volume.group_id is not None:
        raise Conflict(f"Volume {volume_id} is part of group {volume.group_id}; take it out first.")
    check_unused(tx, volume)
    doomed = snapshots.of_volume(tx, volume_id)
    if doomed and not cascade:
        raise Conflict(f"Volume {volume_id} has {len(doomed)} snapshots; delete them first, or ask for cascade.")
    if volume.host is not None:
        check_not_frozen(tx, volume.host)
    if force:
        volumes.set_status(tx, volume_id, "error")
    volumes.move(tx, volume_id, "delete")
    for snapshot in doomed:
        _take_along(tx, caller, snapshot)
    if volume.host is None:  # never placed: nothing of it exists outside the database
        _check_not_being_placed(tx, volume_id)
        volumes.move(tx, volume_id, "deleted")
        return
    submit_for(
        tx,
        OPERATION,
        volume,
        caller,
        held=[snapshot.id for snapshot in doomed],
        args={"snapshots": [snapshot.id for snapshot in doomed]},
    )


def check_unused(tx: Connection, volume: AnyRow) -> None:
    """Refuse to delete a volume that somebody uses or copies."""
    if any(not row.status.startswith("error") for row in attachments.of_volume(tx, volume.id)):
        raise Conflict(f"Volume {volume.id} is attached; detach it first.")
    if is_source(tx, volume.id):
        raise Conflict(f"Volume {volume.id} is being copied; try again when the copy is made.")


def _check_not_being_placed(tx: Connection, volume_id: str) -> None:
    if is_held(tx, volume_id):
        raise Conflict(f"Volume {volume_id} is being created; cancel that, or wait for it.")


def _take_along(tx: Connection, caller: Caller, snapshot: AnyRow) -> None:
    if not caller.is_admin and snapshot.project_id != caller.project_id:
        raise Conflict(f"Volume {snapshot.volume_id} has snapshots of another project.")
    if snapshot.group_snapshot_id is not None:
        raise Conflict(f"Snapshot {snapshot.id} is part of group snapshot {snapshot.group_snapshot_id}.")
    if snapshot.status != "deleting":
        snapshots.move(tx, snapshot.id, "delete")
    if is_source(tx, snapshot.id):
        raise Conflict(f"Snapshot {snapshot.id} is being copied; try again when the copy is made.")


def remove(job: Job, desk: VolumeDesk) -> Left:
    return take_away(job, desk, job.subject, job.args["snapshots"])


def take_away(job: Job, desk: VolumeDesk, volume_id: str, snapshot_ids: Sequence[str] = ()) -> Left:
    """The target, the snapshots and the volume cease to exist, in this order."""
    with desk.db.read() as tx:
        volume = volumes.get(tx, volume_id, None)
        export = attachments.find_export(tx, volume_id)
    if export is not None:  # what a broken attachment left
        row = (export.number, export.username, export.password)
        desk.target.unexport(desk.export_of(volume_id, *row, volume.size_gib))
    left: dict[str, str | None] = {}
    for snapshot_id in snapshot_ids:
        left[snapshot_id] = take_snapshot(desk, snapshot_id, volume_id)
        job.check()
    left[volume_id] = take_volume(desk, volume_id)
    return left


def record_removal(tx: Connection, job: Job, left: Left) -> Done:
    record_gone(tx, job, left, job.subject, job.args["snapshots"])
    return Done()


def record_gone(tx: Connection, job: Job, left: Left, volume_id: str, snapshot_ids: Sequence[str] = ()) -> None:
    """The rows of the volume and of these snapshots go, and the space is given back, now or when it is wiped."""
    volume = volumes.get(tx, volume_id, None)
    for snapshot_id in snapshot_ids:
        allocated_gib = snapshots.get(tx, snapshot_id, None).allocated_gib
        snapshots.move(tx, snapshot_id, "deleted")
        free(tx, job, volume.host, allocated_gib, left[snapshot_id], volumes=0)
    for attachment in attachments.of_volume(tx, volume_id):
        attachments.forget(tx, attachment.id)
    attachments.delete_export(tx, volume_id)
    volumes.move(tx, volume_id, "deleted")
    if volume.host is not None:  # one of a group may never have been placed
        free(tx, job, volume.host, volume.size_gib, left[volume_id], volumes=1)


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    for snapshot_id in job.args["snapshots"]:
        snapshots.move(tx, snapshot_id, "delete_failed")
    volumes.move(tx, job.subject, "delete_failed")
    complain(tx, job, Action.DELETE_VOLUME, Detail.VOLUME_DELETE_ERROR)
    return Done(outcome="failed")


OPERATION = deletion("volume.delete", remove, record_removal, record_failure)
