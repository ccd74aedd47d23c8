"""Which projects may use a private volume type."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api.request import Reply, Request
from lapilli.db import types
from lapilli.model.errors import Malformed, NotFound

_RULE: Final = "volume_extension:volume_type_access"
_ACTIONS: Final[dict[str, Callable[[Connection, str, str], None]]] = {
    "addProjectAccess": types.allow,
    "removeProjectAccess": types.disallow,
}


def index(request: Request, id: str) -> Reply:
    """List the projects that may use a private type."""
    request.enforce(f"{_RULE}:get_all_for_type")
    with request.around.db.read() as tx:
        if types.get(tx, id, None).is_public:
            raise NotFound("List of projects of the public volume type", id)
        projects = types.projects_of(tx, id)
    return Reply({"volume_type_access": [{"volume_type_id": id, "project_id": project} for project in projects]})


def act(request: Request, id: str) -> Reply:
    """Let a project use a private type, or no more."""
    ((name, wish),) = request.body.items()
    request.enforce(f"{_RULE}:{name}")

    def change(tx: Connection) -> Any:
        if types.get(tx, id, None).is_public:
            raise Malformed(f"Volume type {id} is public: every project may use it.")
        _ACTIONS[name](tx, id, wish["project"])

    request.around.db.write(change)
    return Reply()
