"""Put a volume back to what it was when its newest snapshot was made."""

from sqlalchemy import Connection

from lapilli.db import attachments, snapshots, volumes
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.messages import Action, Detail
from lapilli.model.protocols.storage import RevertsSnapshots
from lapilli.model.values import Caller
from lapilli.operations.admission import scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.wishes import submit_for
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import is_source


def admit(tx: Connection, caller: Caller, volume_id: str, snapshot_id: str | None) -> None:
    """What happens before 202: volume and snapshot are set aside.

    Raises `Malformed` for a snapshot that cannot be meant, and `Conflict` for what is not at rest.
    """
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    known = snapshots.of_volume(tx, volume_id)
    if not known:
        raise Malformed(f"Volume {volume_id} has no snapshot to revert to.")
    newest = known[-1]
    if newest.project_id != volume.project_id:
        raise Malformed(f"The newest snapshot of volume {volume_id} is another project's; it cannot be reverted.")
    if snapshot_id != newest.id:
        raise Malformed(f"Volume {volume_id} can only be reverted to its newest snapshot, {newest.id}.")
    if volume.size_gib != newest.size_gib:
        raise Malformed(
            f"Volume {volume_id} has {volume.size_gib} GiB now; it had {newest.size_gib} GiB when snapshot {newest.id} "
            "was made. Create a volume from the snapshot instead."
        )
    volumes.move(tx, volume_id, "revert")
    snapshots.move(tx, newest.id, "restore")
    if is_source(tx, volume_id):
        raise Conflict(f"Volume {volume_id} is being copied; try again when the copy is made.")
    if attachments.find_export(tx, volume_id) is not None:
        raise Conflict(f"Volume {volume_id} is still exported to a host; detach it first.")
    submit_for(tx, OPERATION, volume, caller, held=[newest.id], args={"snapshot_id": newest.id})


def look(_job: Job, desk: VolumeDesk) -> None:
    """See whether this storage can do it, before anything is touched."""
    if not isinstance(desk.driver, RevertsSnapshots):
        raise Malformed("This storage cannot revert volumes; create a volume from the snapshot instead.")


def record_look(_tx: Connection, _job: Job, _result: None) -> Goto:
    return Goto("revert", args={"is_begun": True})


def revert(job: Job, desk: VolumeDesk) -> None:
    """The volume has the snapshot's bytes."""
    driver = desk.driver
    assert isinstance(driver, RevertsSnapshots), "the step before has looked"
    driver.revert_to_snapshot(desk.names.volume(job.subject), desk.names.snapshot(job.args["snapshot_id"]))


def record_reversion(tx: Connection, job: Job, _result: None) -> Done:
    volumes.move(tx, job.subject, "reverted")
    snapshots.move(tx, job.args["snapshot_id"], "restored")
    return Done()


def undo(_job: Job, _desk: VolumeDesk) -> None:
    """The snapshot is as it was; what the volume's bytes are now, only the storage knows."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    volumes.move(tx, job.subject, "revert_failed" if job.args.get("is_begun") else "revert_refused")
    snapshots.move(tx, job.args["snapshot_id"], "restore_failed")
    complain(tx, job, Action.REVERT_VOLUME, Detail.REVERT_ERROR)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.revert",
    steps=(Step("look", look, record_look), Step("revert", revert, record_reversion)),
    fail=Step("fail", undo, record_failure),
)
