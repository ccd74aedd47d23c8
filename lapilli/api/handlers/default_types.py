"""Default types of projects: the type of their volumes that name none."""

from typing import Final

from sqlalchemy import Connection

from lapilli.api.request import Reply, Request
from lapilli.db import default_types, types
from lapilli.model.errors import Malformed, NotFound

_RULE: Final = "volume_extension:default"
_LONGEST: Final = 255


def index(request: Request) -> Reply:
    """List the projects that have a default type of their own."""
    request.enforce(f"{_RULE}_get_all")
    with request.around.db.read() as tx:
        rows = default_types.list_all(tx)
    return Reply({"default_types": [_view(row.project_id, row.volume_type_id) for row in rows]})


def show(request: Request, project_id: str) -> Reply:
    """Show a project's default type."""
    request.enforce(f"{_RULE}_get", {"project_id": project_id})
    _check_project(request, project_id)
    with request.around.db.read() as tx:
        type_id = default_types.find(tx, project_id)
    if type_id is None:
        raise NotFound("Default volume type of project", project_id)
    return Reply({"default_type": _view(project_id, type_id)})


def update(request: Request, project_id: str) -> Reply:
    """Give a project a default type, by its id or name."""
    request.enforce(f"{_RULE}_set_or_update", {"project_id": project_id})
    _check_project(request, project_id)
    wanted = request.body["default_type"]["volume_type"]

    def write(tx: Connection) -> str:
        row = types.hold_named(tx, wanted, None)
        if row is None:
            raise Malformed(f"There is no volume type {wanted}.")
        default_types.set_for(tx, project_id, row.id)
        return str(row.id)

    return Reply({"default_type": _view(project_id, request.around.db.write(write))})


def delete(request: Request, project_id: str) -> Reply:
    """Let a project, which may be gone, have the operator's default type again."""
    request.enforce(f"{_RULE}_unset", {"project_id": project_id})
    request.around.db.write(lambda tx: default_types.unset(tx, project_id))
    return Reply()


def _check_project(request: Request, project_id: str) -> None:
    """Without an identity service, any project that a row can name is as good as another."""
    projects = request.around.projects
    if len(project_id) > _LONGEST or (projects is not None and not projects.exists(project_id)):
        raise NotFound("Project", project_id)


def _view(project_id: str, type_id: str) -> dict[str, str]:
    return {"project_id": project_id, "volume_type_id": type_id}
