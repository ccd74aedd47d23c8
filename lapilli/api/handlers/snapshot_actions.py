"""`POST /snapshots/{id}/action`: one function for each action."""

from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api.actions import Action, Actions
from lapilli.api.handlers import snapshots as snapshots_api
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import snapshots as bodies
from lapilli.db import snapshots
from lapilli.operations import reset_snapshot, unmanage_snapshot

_ADMIN_RULE: Final = "volume_extension:snapshot_admin_actions"
_REPORT_RULE: Final = "snapshot_extension:snapshot_actions:update_snapshot_status"


def _reset_status(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        _check(tx, request, id, f"{_ADMIN_RULE}:reset_status")
        reset_snapshot.reset(tx, id, wish["status"].lower())

    request.around.db.write(work)
    return Reply()


def _update_status(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        _check(tx, request, id, _REPORT_RULE)
        reset_snapshot.report(tx, id, wish["status"], wish.get("progress"))

    request.around.db.write(work)
    return Reply()


def _force_delete(request: Request, id: str, _wish: object) -> Reply:
    snapshots_api.remove(request, id, f"{_ADMIN_RULE}:force_delete", force=True)
    return Reply()


def _unmanage(request: Request, id: str, _wish: object) -> Reply:
    def work(tx: Connection) -> None:
        _check(tx, request, id, "snapshot_extension:snapshot_unmanage")
        unmanage_snapshot.unmanage(tx, request.caller, id)

    request.around.db.write(work)
    return Reply()


def _check(tx: Connection, request: Request, id: str, rule: str) -> None:
    row = snapshots.get(tx, id, request.scope)
    request.enforce(rule, {"project_id": row.project_id})


ACTIONS: Final = Actions(
    {
        "os-force_delete": Action(_force_delete),
        "os-reset_status": Action(_reset_status, bodies.RESET_STATUS),
        "os-unmanage": Action(_unmanage),
        "os-update_snapshot_status": Action(_update_status, bodies.UPDATE_STATUS),
    }
)
