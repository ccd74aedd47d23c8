"""What a backup is read from, as of one moment: chosen, kept as it is until the backup is made, and let go."""

from sqlalchemy import Connection

from lapilli.db import backups, pools, snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import check_at_rest, require_status, scope_of
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.wipe_volume import free, take_snapshot
from lapilli.work.operation import Goto, Job


def lock_source(
    tx: Connection, caller: Caller, volume: AnyRow, snapshot_id: str | None, *, force: bool
) -> AnyRow | None:
    """The snapshot that is backed up, or None when it is the volume itself; `force` takes one that is in use."""
    if snapshot_id is None:
        require_status("Volume", volume, {"available", "in-use"} if force else {"available"})
        check_at_rest(tx, volume)
        return None
    snapshot = snapshots.lock(tx, snapshot_id, scope_of(caller))
    if snapshot.volume_id != volume.id:
        raise Malformed(f"Snapshot {snapshot.id} is not one of volume {volume.id}.")
    require_status("Snapshot", snapshot, {"available"})
    return snapshot


def record_space(tx: Connection, job: Job, _result: None) -> Goto:
    """Where a snapshot may come to need space of its own, it is reserved for the temporary one too."""
    args = job.args
    if args["temporary"] is None or not pools.fact(tx, args["pool"], "snapshots_take_space"):
        return Goto("prepare")
    if not pools.take_if_free(tx, args["pool"], args["size_gib"]):
        return Goto("fail", error=f"{args['pool']} has no {args['size_gib']} GiB free to back up a volume in use.")
    backups.change(tx, job.subject, allocated_gib=args["size_gib"])
    return Goto("prepare")


def prepare(job: Job, desk: VolumeDesk) -> str:
    """See to it that what is read does not change; returns the path of its bytes."""
    args = job.args
    volume = desk.names.volume(args["volume_id"])
    if args["temporary"]:
        kept = desk.names.snapshot(args["temporary"])
        desk.driver.create_snapshot(kept, volume)
        return desk.driver.path(kept)
    return desk.driver.path(desk.names.snapshot(args["snapshot_id"]) if args["snapshot_id"] else volume)


def release(job: Job, desk: VolumeDesk) -> str | None:
    """What was only kept for the backup ceases to exist. Returns what is left of it to wipe."""
    if job.args["temporary"] is None:
        return None
    return take_snapshot(desk, job.args["temporary"], job.args["volume_id"])


def let_go(tx: Connection, job: Job, left: str | None) -> None:
    """The volume or snapshot is as it was, and the space of what was kept is given back."""
    args = job.args
    allocated_gib = backups.get(tx, job.subject, None).allocated_gib
    free(tx, job, args["pool"], allocated_gib, left, volumes=0)
    backups.change(tx, job.subject, allocated_gib=0, temp_snapshot_id=None)
    if args["snapshot_id"]:
        snapshots.move(tx, args["snapshot_id"], "backed_up")
        return
    volumes.move(tx, args["volume_id"], "backed_up", to=args["previous"])
    if args["previous"] == "in-use":
        volumes.follow_attachments(tx, args["volume_id"])


def queue_of(job: Job) -> str:
    """The queue of the backend that has it."""
    return volume_queue(Location.parse(job.args["pool"]).service)
