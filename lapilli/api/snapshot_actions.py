"""`POST /snapshots/{id}/action`: one function for each action."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import snapshots as snapshots_api
from lapilli.api.request import Reply, Request
from lapilli.db import snapshots
from lapilli.operations import reset_snapshot

_ADMIN_RULE: Final = "volume_extension:snapshot_admin_actions"
_REPORT_RULE: Final = "snapshot_extension:snapshot_actions:update_snapshot_status"


def act(request: Request, id: str) -> Reply:
    """Do what the body's only key names."""
    ((name, wish),) = request.body.items()
    return _ACTIONS[name](request, id, wish)


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


def _check(tx: Connection, request: Request, id: str, rule: str) -> None:
    row = snapshots.get(tx, id, request.scope)
    request.enforce(rule, {"project_id": row.project_id})


_ACTIONS: Final[Mapping[str, Callable[[Request, str, Any], Reply]]] = {
    "os-force_delete": _force_delete,
    "os-reset_status": _reset_status,
    "os-update_snapshot_status": _update_status,
}
