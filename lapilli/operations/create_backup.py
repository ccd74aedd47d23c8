"""Back up a volume or a snapshot: whole, or what has changed since the backup before."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from lapilli.backup import restore, write
from lapilli.backup.manifest import About
from lapilli.backup.names import Address, check_container
from lapilli.db import backups, snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, LapilliError
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations import backup_services
from lapilli.operations.admission import Rules, scope_of, take_quota
from lapilli.operations.backup_objects import address_of, facts_of, watched
from lapilli.operations.backup_source import let_go, lock_source, prepare, queue_of, record_space, release
from lapilli.operations.complaints import complain
from lapilli.operations.desks import BackupDesk, VolumeDesk, backup_queue, volume_queue
from lapilli.work.operation import Done, Goto, Job, Operation, Step, no_effect
from lapilli.work.queue import submit


@dataclass(frozen=True)
class Wish:
    """What was asked for. `snapshot_id` is one of the volume's; `force` takes a volume that is in use."""

    volume_id: str
    snapshot_id: str | None = None
    name: str | None = None
    description: str | None = None
    container: str | None = None
    availability_zone: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_incremental: bool = False
    force: bool = False


def admit(tx: Connection, caller: Caller, rules: Rules, wish: Wish) -> str:
    """What happens before 202. Returns the backup's id."""
    if wish.container:
        check_container(wish.container)
    volume = volumes.lock(tx, wish.volume_id, scope_of(caller))
    snapshot = lock_source(tx, caller, volume, wish.snapshot_id, force=wish.force)
    size_gib = volume.size_gib if snapshot is None else snapshot.size_gib
    service = backup_services.beside(tx, rules, volume.host, wish.availability_zone)
    parent = _choose_parent(tx, caller, volume, snapshot) if wish.is_incremental else None
    take_quota(tx, rules, caller.project_id, {"backups": 1, "backup_gigabytes": size_gib}, volume.volume_type)
    backup_id = str(uuid.uuid4())
    # What is written to meanwhile is kept as of one moment, until the backup is made.
    temporary = str(uuid.uuid4()) if snapshot is None and volume.status == "in-use" else None
    backups.add(
        tx,
        id=backup_id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        volume_id=volume.id,
        snapshot_id=wish.snapshot_id,
        parent_id=parent.id if parent is not None else None,
        name=wish.name,
        description=wish.description,
        size_gib=size_gib,
        container=wish.container,
        availability_zone=service.availability_zone,
        host=service.host,
        data_timestamp=snapshot.created_at if snapshot is not None else None,
        encryption_key_id=volume.encryption_key_id,
        temp_snapshot_id=temporary,
        metadata=dict(wish.metadata),
    )
    if snapshot is not None:
        snapshots.move(tx, snapshot.id, "back_up")
    else:
        backups.change(tx, backup_id, data_timestamp=backups.get(tx, backup_id, None).created_at)
        volumes.move(tx, volume.id, "back_up")
    submit(
        tx,
        OPERATION,
        backup_id,
        volume_queue(Location.parse(volume.host).service),
        source=volume.id,
        project_id=caller.project_id,
        request_id=caller.request_id,
        held=[volume.id if snapshot is None else snapshot.id],
        args={
            "volume_id": volume.id,
            "snapshot_id": wish.snapshot_id,
            "previous": volume.status,
            "temporary": temporary,
            "pool": volume.host,
            "size_gib": size_gib,
            "service": service.host,
        },
    )
    return backup_id


def _choose_parent(tx: Connection, caller: Caller, volume: AnyRow, snapshot: AnyRow | None) -> AnyRow:
    """The project's youngest backup of the volume, of before the snapshot if there is one."""
    before = snapshot.created_at if snapshot is not None else None
    parent = backups.lock_newest(tx, volume.id, caller.project_id, before)
    if parent is None:
        raise Conflict(f"There is no backup of volume {volume.id} to build on; make a full one first.")
    return parent


def record_path(_tx: Connection, job: Job, path: str) -> Goto:
    return Goto("copy", backup_queue(job.args["service"]), args={"path": path})


def copy(job: Job, desk: BackupDesk) -> tuple[str, Address, int]:
    """Write the objects; returns the kind of store, their address, and how many there are."""
    with desk.db.read() as tx:
        row = backups.get(tx, job.subject, None)
        volume = volumes.get(tx, row.volume_id, None)
        parent = backups.get(tx, row.parent_id, None) if row.parent_id else None
    about = About(row.id, row.volume_id, row.name, row.description, row.created_at, row.parent_id, facts_of(volume))
    address = address_of(desk, row)
    with desk.open_device(job.args["path"]) as device:
        writing = write.Writing(device, desk.store, address, desk.compression, watched(job, device.size_bytes))
        number = write.write(writing, about, address_of(desk, parent) if parent is not None else None)
    return desk.store.kind, address, number


def record_copy(tx: Connection, job: Job, result: tuple[str, Address, int]) -> Goto | Done:
    kind, address, number = result
    place = {"container": address.container, "service_metadata": address.prefix, "service": kind}
    backups.change(tx, job.subject, object_count=number, **place)
    if job.args["temporary"] is None:
        return _finish(tx, job)
    return Goto("release", queue_of(job), args={"is_complete": True})


def record_release(tx: Connection, job: Job, left: str | None) -> Done:
    return _finish(tx, job, left)


def _finish(tx: Connection, job: Job, left: str | None = None) -> Done:
    let_go(tx, job, left)
    backups.move(tx, job.subject, "created")
    return Done()


def undo(job: Job, desk: VolumeDesk | BackupDesk) -> tuple[bool, str | None]:
    """Run once by each service that has something of it: false if objects could not be removed, and what to wipe.

    Objects of a backup that failed stay, and go when it is deleted: what failed is most often the store, and the volume
    must not wait for that. Those of one that was deleted meanwhile go now.
    """
    if isinstance(desk, VolumeDesk):
        return True, release(job, desk)
    with desk.db.read() as tx:
        row = backups.get(tx, job.subject, None)
    if row.status == "deleting":
        try:
            restore.remove(desk.store, address_of(desk, row))
        except LapilliError:
            return False, None
    return True, None


def record_failure(tx: Connection, job: Job, result: tuple[bool, str | None]) -> Goto | Done:
    """Go to every service that has something of it, then tell."""
    is_clean, left = result[0], result[1] or job.args.get("left")
    is_doomed = backups.lock(tx, job.subject, None).status == "deleting"
    done = {**job.args.get("undone", {}), job.queue: is_clean}
    needed = [queue_of(job)] * bool(job.args["temporary"])
    if is_doomed and "path" in job.args:
        needed.append(backup_queue(job.args["service"]))
    rest = [queue for queue in needed if queue not in done]
    if rest:
        return Goto("fail", rest[0], args={"undone": done, "left": left})
    if job.args.get("is_complete") and not is_doomed:
        return _finish(tx, job, left)
    let_go(tx, job, left)
    if not is_doomed:
        backups.move(tx, job.subject, "create_failed", fail_reason=job.error)
        complain(tx, job, Action.BACKUP_CREATE, Detail.BACKUP_CREATE_DRIVER_ERROR, Resource.BACKUP)
    elif all(done.values()):
        backups.move(tx, job.subject, "deleted")
    else:
        backups.move(tx, job.subject, "delete_failed")
    return Done(outcome="failed")


OPERATION = Operation(
    kind="backup.create",
    steps=(
        Step("reserve", no_effect, record_space),
        Step("prepare", prepare, record_path),
        Step("copy", copy, record_copy),
        Step("release", release, record_release),
    ),
    fail=Step("fail", undo, record_failure),
)
