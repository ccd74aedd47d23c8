"""Restore a backup, to a volume that is there."""

from sqlalchemy import Connection

from lapilli.backup.volume_fields import Saved
from lapilli.db import backups, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations import backup_services
from lapilli.operations.admission import Rules, require_status, scope_of
from lapilli.operations.backup_objects import read_chain, write_to
from lapilli.operations.complaints import complain
from lapilli.operations.desks import BackupDesk, VolumeDesk, backup_queue, volume_queue
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import submit

NAME_OF_NEW = "restore_backup_"
"""What the name of a volume begins with that was made for a backup, and takes the name of the volume backed up."""

ORIGIN = "src_backup_id"
"""The metadata of a volume that tells of which backup its bytes are, where the backup is of another volume."""


def admit(tx: Connection, caller: Caller, rules: Rules, backup_id: str, volume_id: str) -> None:
    """What happens before 202: both are taken."""
    backup = backups.lock(tx, backup_id, scope_of(caller))
    require_status("Backup", backup, {"available"})
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    require_status("Volume", volume, {"available"})
    if volume.size_gib < backup.size_gib:
        raise Conflict(f"Volume {volume_id} has {volume.size_gib} GiB, and the backup {backup.size_gib}.")
    if volume.encryption_key_id != backup.encryption_key_id:
        raise Conflict(f"Volume {volume_id} is not encrypted as the volume was that the backup is of.")
    service = backup_services.beside(tx, rules, volume.host)
    backups.move(tx, backup_id, "restore", restore_volume_id=volume_id)
    volumes.move(tx, volume_id, "restore")
    submit(
        tx,
        OPERATION,
        backup_id,
        volume_queue(Location.parse(volume.host).service),
        project_id=caller.project_id,
        request_id=caller.request_id,
        held=[volume_id],
        args={"volume_id": volume_id, "service": service.host},
    )


def find_bytes(job: Job, desk: VolumeDesk) -> str:
    """The path of the volume's bytes."""
    return desk.driver.path(desk.names.volume(job.args["volume_id"]))


def record_path(_tx: Connection, job: Job, path: str) -> Goto:
    return Goto("read", backup_queue(job.args["service"]), args={"path": path})


def read(job: Job, desk: BackupDesk) -> None:
    """All objects are there: until this is known, the volume keeps its bytes."""
    read_chain(desk, job.subject)


def record_read(_tx: Connection, _job: Job, _result: None) -> Goto:
    return Goto("write", args={"is_begun": True})


def write(job: Job, desk: BackupDesk) -> Saved:
    """The volume gets the bytes."""
    return write_to(job, desk, job.subject, job.args["path"])


def record_write(tx: Connection, job: Job, saved: Saved) -> Done:
    give_fields(tx, job.args["volume_id"], saved, backups.get(tx, job.subject, None))
    volumes.move(tx, job.args["volume_id"], "restored")
    backups.move(tx, job.subject, "restored")
    return Done()


def give_fields(tx: Connection, volume_id: str, saved: Saved, backup: AnyRow) -> None:
    """What the volume gets beside its bytes; its name only if nobody has given it one."""
    volume = volumes.lock(tx, volume_id, None)
    metadata = dict(saved.metadata or volume.metadata)
    if backup.volume_id != volume_id or metadata.get(ORIGIN, backup.id) != backup.id:
        metadata[ORIGIN] = backup.id
    values: dict[str, object] = {"metadata": metadata}
    if saved.name and (not volume.name or volume.name.startswith(NAME_OF_NEW)):
        values |= {"name": saved.name, "description": saved.description}
    if saved.image_metadata:
        values |= {"image_metadata": dict(saved.image_metadata), "bootable": True}
    volumes.change(tx, volume_id, **values)


def undo(_job: Job, _desk: VolumeDesk | BackupDesk) -> None:
    """The bytes that were there before are gone; the volume's status says so."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    volumes.move(tx, job.args["volume_id"], "restore_failed" if job.args.get("is_begun") else "restore_refused")
    backups.move(tx, job.subject, "restored")
    complain(tx, job, Action.BACKUP_RESTORE, Detail.BACKUP_RESTORE_ERROR, Resource.BACKUP)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="backup.restore",
    steps=(
        Step("find", find_bytes, record_path),
        Step("read", read, record_read),
        Step("write", write, record_write),
    ),
    fail=Step("fail", undo, record_failure),
)
