"""What only administrators do with backups: records that travel between clouds, and actions."""

from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api.actions import Action, Actions
from lapilli.api.handlers import backups as backups_api
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import backups as bodies
from lapilli.api.views import backups as views
from lapilli.db import backups
from lapilli.db.rows import AnyRow
from lapilli.operations import import_backup, reset_backup
from lapilli.operations.desks import backup_queue

_ADMIN_RULE: Final = "volume_extension:backup_admin_actions"


def export_record(request: Request, id: str) -> Reply:
    """Export the record of a backup."""
    with request.around.db.read() as tx:
        row = backups.get(tx, id, request.scope)
    request.enforce("backup:export-import", {"project_id": row.project_id})
    return Reply({"backup-record": {"backup_service": row.service, "backup_url": import_backup.record_of(row)}})


def import_record(request: Request) -> Reply:
    """Import the record of a backup whose objects are in this service's store."""
    request.enforce("backup:backup-import")
    asked = request.body["backup-record"]
    around = request.around

    def admit(tx: Connection) -> AnyRow:
        kind, text = asked["backup_service"], asked["backup_url"]
        return backups.get(tx, import_backup.admit(tx, request.caller, around.rules, kind, text), None)

    row = around.db.write(admit)
    around.wake.ring(backup_queue(row.host))
    return Reply({"backup": views.summaries(request, [row])[0]})


def _reset_status(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        row = backups.get(tx, id, request.scope)
        request.enforce(f"{_ADMIN_RULE}:reset_status", {"project_id": row.project_id})
        reset_backup.reset(tx, id, wish["status"].lower())

    request.around.db.write(work)
    return Reply()


def _force_delete(request: Request, id: str, _wish: object) -> Reply:
    backups_api.remove(request, id, f"{_ADMIN_RULE}:force_delete", force=True)
    return Reply()


ACTIONS: Final = Actions(
    {
        "os-force_delete": Action(_force_delete),
        "os-reset_status": Action(_reset_status, bodies.RESET_STATUS),
    }
)
