"""Delete a backup, or give up one that is being made."""

from sqlalchemy import Connection

from lapilli.backup import restore
from lapilli.db import backups
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller
from lapilli.operations import backup_services
from lapilli.operations.admission import Rules, scope_of
from lapilli.operations.backup_objects import address_of
from lapilli.operations.complaints import complain
from lapilli.operations.deletions import deletion
from lapilli.operations.desks import BackupDesk, backup_queue
from lapilli.work import administration
from lapilli.work.operation import Done, Job
from lapilli.work.queue import is_held, submit


def admit(tx: Connection, caller: Caller, rules: Rules, backup_id: str, *, force: bool = False) -> str | None:
    """What happens before 202; returns the queue to be rung. `force` takes any status that is at rest, and `creating`.

    A backup that is being deleted already is no error.
    """
    backup = backups.lock(tx, backup_id, scope_of(caller))
    if backup.status == "deleting":
        return None
    if backup.has_dependent_backups:
        raise Conflict(f"There are incremental backups on top of backup {backup_id}; delete them first.")
    if force and backup.status == "creating" and is_held(tx, backup_id):
        return _give_up(tx, backup_id)
    service = backup_services.at(tx, rules, backup.host)
    if force and not is_held(tx, backup_id):
        backups.set_status(tx, backup_id, "error")
    backups.move(tx, backup_id, "delete")
    submit(
        tx,
        OPERATION,
        backup_id,
        backup_queue(service.host),
        project_id=backup.project_id,
        request_id=caller.request_id,
    )
    return backup_queue(service.host)


def _give_up(tx: Connection, backup_id: str) -> str:
    """The operation that makes it is told to end, and deletes what it has made."""
    backups.move(tx, backup_id, "give_up")
    (operation,) = administration.list_newest(tx, is_live=True, subject=backup_id)
    return administration.cancel(tx, operation.id)


def remove(job: Job, desk: BackupDesk) -> None:
    """The objects cease to exist, unless another record has been imported of them."""
    with desk.db.read() as tx:
        row = backups.get(tx, job.subject, None)
        is_shared = backups.has_twin(tx, row)
    if not is_shared:
        restore.remove(desk.store, address_of(desk, row))


def record_removal(tx: Connection, job: Job, _result: None) -> Done:
    backups.move(tx, job.subject, "deleted")
    return Done()


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    backups.move(tx, job.subject, "delete_failed", fail_reason=job.error)
    complain(tx, job, Action.BACKUP_DELETE, Detail.BACKUP_DELETE_DRIVER_ERROR, Resource.BACKUP)
    return Done(outcome="failed")


OPERATION = deletion("backup.delete", remove, record_removal, record_failure)
