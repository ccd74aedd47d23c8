"""`POST /groups/{id}/action`: one function for each action."""

from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import microversions as since
from lapilli.api.actions import Action, Actions, Run
from lapilli.api.formats import to_bool
from lapilli.api.handlers import groups as groups_api
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import groups as bodies
from lapilli.operations import replicate_group, reset_group


def _delete(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    groups_api.remove(request, id, with_volumes=to_bool(wish.get("delete-volumes", False)), is_legacy=False)
    return Reply()


def _reset_status(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        groups_api.target(tx, request, id, "group:reset_status")
        reset_group.reset(tx, id, wish["status"].lower())

    request.around.db.write(work)
    return Reply()


def _replication(rule: str) -> Run:
    def act(request: Request, id: str, _wish: object) -> Reply:
        with request.around.db.read() as tx:
            groups_api.target(tx, request, id, rule)
            replicate_group.refuse(tx, request.caller, id)

    return act


ACTIONS: Final = Actions(
    {
        "delete": Action(_delete, bodies.DELETE, since=since.GROUPS),
        "reset_status": Action(_reset_status, bodies.RESET_STATUS, since=since.GROUP_RESET),
        **{
            name: Action(_replication(f"group:{name}"), body, since=since.GROUP_REPLICATION)
            for name, body in {
                "enable_replication": bodies.AN_OBJECT,
                "disable_replication": bodies.AN_OBJECT,
                "failover_replication": bodies.FAILOVER,
                "list_replication_targets": bodies.AN_OBJECT,
            }.items()
        },
    }
)
