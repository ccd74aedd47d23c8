"""Take over a backup that another cloud made, from the record it exported; its objects are in our store already."""

from sqlalchemy import Connection

from lapilli.backup import manifest
from lapilli.backup.records import decode, encode, time_text
from lapilli.db import backups
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller
from lapilli.operations import backup_services
from lapilli.operations.admission import Rules, take_quota
from lapilli.operations.backup_objects import address_of
from lapilli.operations.complaints import complain
from lapilli.operations.desks import BackupDesk, backup_queue
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import submit


def record_of(backup: AnyRow) -> str:
    """The record of a backup, for `admit` or for Cinder. Raises `Conflict` unless it is complete."""
    if backup.status != "available":
        raise Conflict(f"Backup {backup.id} is {backup.status}; it must be available.")
    same = (
        "id user_id project_id volume_id host availability_zone container parent_id status fail_reason service"
        " service_metadata object_count temp_volume_id temp_snapshot_id snapshot_id restore_volume_id metadata"
        " encryption_key_id"
    )
    times = ("created_at", "updated_at", "data_timestamp")
    return encode(
        {
            **{name: getattr(backup, name) for name in same.split()},
            **{name: time_text(getattr(backup, name)) for name in times},
            "size": backup.size_gib,
            "display_name": backup.name,
            "display_description": backup.description,
            "num_dependent_backups": int(backup.has_dependent_backups),
        }
    )


def admit(tx: Connection, caller: Caller, rules: Rules, service_kind: str, text: str) -> str:
    """What happens before 201; `service_kind` is the driver whose record `text` is. Returns the backup's id."""
    record = decode(text)
    if backups.find(tx, record.id, None) is not None:
        raise Conflict(f"There is a backup {record.id} already.")
    if record.parent_id is not None and backups.find(tx, record.parent_id, None) is None:
        raise Conflict(f"Backup {record.id} builds on backup {record.parent_id}; import that one first.")
    service = backup_services.usable(tx, rules)[0]
    take_quota(tx, rules, caller.project_id, {"backups": 1, "backup_gigabytes": record.size_gib}, "")
    backups.add(
        tx,
        id=record.id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        volume_id=record.volume_id,
        snapshot_id=record.fields["snapshot_id"],
        parent_id=record.parent_id,
        name=record.fields["display_name"],
        description=record.fields["display_description"],
        size_gib=record.size_gib,
        object_count=record.object_count,
        container=record.address.container,
        availability_zone=service.availability_zone,
        host=service.host,
        service=service_kind,
        service_metadata=record.address.prefix,
        data_timestamp=record.data_timestamp,
        encryption_key_id=record.fields["encryption_key_id"],
        metadata=dict(record.metadata),
    )
    submit(
        tx,
        OPERATION,
        record.id,
        backup_queue(service.host),
        project_id=caller.project_id,
        request_id=caller.request_id,
        args={"kind": service_kind},
    )
    return record.id


def read(job: Job, desk: BackupDesk) -> int:
    """All objects are there; returns how many."""
    if job.args["kind"] != desk.store.kind:
        raise Conflict(f"The record is of {job.args['kind']}, and this service keeps backups by {desk.store.kind}.")
    with desk.db.read() as tx:
        row = backups.get(tx, job.subject, None)
    return len(manifest.read(desk.store, address_of(desk, row)).entries)


def record_read(tx: Connection, job: Job, number: int) -> Done:
    backups.move(tx, job.subject, "created", object_count=number)
    return Done()


def undo(_job: Job, _desk: BackupDesk) -> None:
    """The objects are not ours to remove before the import has succeeded."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    """What is known of the objects is forgotten, so that to delete the record deletes nothing of another cloud's."""
    backups.change(tx, job.subject, container=None, service_metadata=None, object_count=0)
    backups.move(tx, job.subject, "create_failed", fail_reason=job.error)
    complain(tx, job, Action.BACKUP_CREATE, Detail.UNKNOWN_ERROR, Resource.BACKUP)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="backup.import",
    steps=(Step("read", read, record_read),),
    fail=Step("fail", undo, record_failure),
)
