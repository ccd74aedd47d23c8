"""Create a volume with the bytes of a backup: an ordinary volume, which is available when the bytes are there."""

from dataclasses import replace

from sqlalchemy import Connection

from lapilli.backup.volume_fields import Saved
from lapilli.db import backups, volumes
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, Unavailable
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations import backup_services, create_volume
from lapilli.operations.admission import Rules, require_status, scope_of
from lapilli.operations.backup_objects import read_chain, write_to
from lapilli.operations.complaints import complain
from lapilli.operations.create_volume import Wish
from lapilli.operations.desks import SCHEDULER_QUEUE, BackupDesk, SchedulerDesk, VolumeDesk, backup_queue, volume_queue
from lapilli.operations.placement import PATIENCE
from lapilli.operations.restore_backup import NAME_OF_NEW, give_fields
from lapilli.operations.wipe_volume import free, take_volume
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import submit


def admit(tx: Connection, caller: Caller, rules: Rules, wish: Wish, backup_id: str) -> str:
    """What happens before 202: the volume's row, and the backup is taken. Returns the volume's id.

    `wish` has no other source; its size may be left to the backup.
    """
    backup = backups.lock(tx, backup_id, scope_of(caller))
    require_status("Backup", backup, {"available"})
    if wish.size_gib is not None and wish.size_gib < backup.size_gib:
        raise Malformed(f"A size of {wish.size_gib} GiB is less than the {backup.size_gib} GiB of the backup.")
    backup_services.usable(tx, rules)
    volume_id, args = create_volume.insert(tx, caller, rules, replace(wish, size_gib=wish.size_gib or backup.size_gib))
    _check_encryption(backup, volumes.get(tx, volume_id, None))
    backups.move(tx, backup_id, "restore", restore_volume_id=volume_id)
    submit(
        tx,
        OPERATION,
        volume_id,
        SCHEDULER_QUEUE,
        project_id=caller.project_id,
        request_id=caller.request_id,
        held=[backup_id],
        args={**args, "backup": backup_id, "down_s": rules.service_down_time_s},
    )
    return volume_id


def admit_restore(tx: Connection, caller: Caller, rules: Rules, backup_id: str, name: str | None) -> str:
    """`admit` for a restore that names no volume."""
    wish = Wish(name=name or f"{NAME_OF_NEW}{backup_id}", description="auto-created_from_restore_from_backup")
    return admit(tx, caller, rules, wish, backup_id)


def _check_encryption(backup: AnyRow, volume: AnyRow) -> None:
    if backup.encryption_key_id != volume.encryption_key_id:
        raise Malformed(
            f"Volume type {volume.volume_type} does not encrypt as the type of the volume did that backup {backup.id} "
            "is of; name that type."
        )


def provision(job: Job, desk: VolumeDesk) -> str:
    """Make the volume; returns the path of its bytes."""
    create_volume.provision(job, desk)
    return desk.driver.path(desk.names.volume(job.subject))


def record_provision(tx: Connection, job: Job, path: str) -> Goto:
    rules = Rules(service_down_time_s=job.args["down_s"])
    try:
        service = backup_services.beside(tx, rules, job.args["pool"])
    except Unavailable as error:
        return Goto("fail", args={"is_placed": True}, error=str(error))
    return Goto("read", backup_queue(service.host), args={"path": path, "is_placed": True})


def read(job: Job, desk: BackupDesk) -> None:
    """All objects are there."""
    read_chain(desk, job.args["backup"])


def record_read(_tx: Connection, _job: Job, _result: None) -> Goto:
    return Goto("write")


def write(job: Job, desk: BackupDesk) -> Saved:
    """The volume gets the bytes."""
    return write_to(job, desk, job.args["backup"], job.args["path"])


def record_write(tx: Connection, job: Job, saved: Saved) -> Done:
    give_fields(tx, job.subject, saved, backups.get(tx, job.args["backup"], None))
    volumes.move(tx, job.subject, "provisioned", launched_at=now_text())
    backups.move(tx, job.args["backup"], "restored")
    return Done()


def undo(job: Job, desk: SchedulerDesk | VolumeDesk | BackupDesk) -> str | None:
    """What the backend may have made of the volume is removed, by the backend. Returns what is left to wipe."""
    return take_volume(desk, job.subject) if isinstance(desk, VolumeDesk) else None


def record_failure(tx: Connection, job: Job, left: str | None) -> Goto | Done:
    """A volume that cannot be made is tried elsewhere; one that cannot get its bytes is not."""
    args = job.args
    if args.get("is_placed"):
        back = volume_queue(Location.parse(args["pool"]).service)
        if job.queue != back:
            return Goto("fail", back)
        free(tx, job, args["pool"], args["size_gib"], left, volumes=1)
        volumes.change(tx, job.subject, host=None, service_uuid=None)
        volumes.move(tx, job.subject, "create_failed")
        complain(tx, job, Action.BACKUP_RESTORE, Detail.BACKUP_RESTORE_ERROR, Resource.BACKUP, id=args["backup"])
    else:
        following = create_volume.record_failure(tx, job, left)
        if isinstance(following, Goto):
            return following
    backups.move(tx, args["backup"], "restored")
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.create_from_backup",
    steps=(
        Step("place", create_volume.place, create_volume.record_place, patience=PATIENCE),
        Step("provision", provision, record_provision, patience=0),
        Step("read", read, record_read),
        Step("write", write, record_write),
    ),
    fail=Step("fail", undo, record_failure),
)
