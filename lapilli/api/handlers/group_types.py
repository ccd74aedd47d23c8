"""Group types, and the specs that say what the groups of a type can do."""

import uuid
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from lapilli.api import paging, short_lists
from lapilli.api.formats import to_bool
from lapilli.api.handlers.specs import SpecHandlers, Specs
from lapilli.api.request import Reply, Request
from lapilli.api.views.group_types import GROUP_TYPE
from lapilli.db import group_types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, NotFound

_RULE: Final = "group:group_types"
_SORT_KEYS: Final = {key: key for key in ("id", "name", "description", "is_public", "created_at", "updated_at")}
LISTED: Final = (*paging.paged(_SORT_KEYS), short_lists.PUBLICITY)


def index(request: Request) -> Reply:
    """List group types."""
    page = paging.page_of(request, _SORT_KEYS, project_id=None)
    with request.around.db.read() as tx:
        rows = group_types.list_all(tx, short_lists.listed_publicity(request))
    view = GROUP_TYPE.for_request(request)
    shown = [view(row) for row in short_lists.page_of(rows, page, "Group type")]
    return Reply(paging.listing(request, "group_types", shown, page, None, "group_type_links"))


def show(request: Request, id: str) -> Reply:
    """Show a group type; `default` is the operator's, if there is one."""
    with request.around.db.read() as tx:
        row = _default(tx, request) if id == "default" else group_types.get(tx, id, request.scope)
    return _reply(request, row)


def _default(tx: Connection, request: Request) -> AnyRow:
    name = request.around.rules.default_group_type
    row = group_types.find_named(tx, name, None) if name else None
    if row is None:
        raise NotFound("Group type", name or "default")
    return row


def _reply(request: Request, row: AnyRow) -> Reply:
    return Reply({"group_type": GROUP_TYPE.for_request(request)(row)})


def create(request: Request) -> Reply:
    """Create a group type."""
    request.enforce(f"{_RULE}:create")
    asked = request.body["group_type"]

    def add(tx: Connection) -> AnyRow:
        type_id = str(uuid.uuid4())
        group_types.add(
            tx,
            id=type_id,
            name=asked["name"],
            description=asked.get("description"),
            is_public=to_bool(asked.get("is_public", True)),
            group_specs=asked.get("group_specs") or {},
        )
        return group_types.get(tx, type_id, None)

    return _reply(request, request.around.db.write(add))


def update(request: Request, id: str) -> Reply:
    """Change name, description, or whether tenants may use it."""
    request.enforce(f"{_RULE}:update")
    asked = {name: value for name, value in request.body["group_type"].items() if value is not None}
    if not asked:
        raise Malformed("Give a name, a description or is_public.")
    if "is_public" in asked:
        asked["is_public"] = to_bool(asked["is_public"])

    def change(tx: Connection) -> AnyRow:
        group_types.lock(tx, id)
        group_types.change(tx, id, **asked)
        return group_types.get(tx, id, None)

    return _reply(request, request.around.db.write(change))


def delete(request: Request, id: str) -> Reply:
    """Delete a group type that no group is of."""
    request.enforce(f"{_RULE}:delete")

    def remove(tx: Connection) -> None:
        group_types.lock(tx, id)
        group_types.remove(tx, id)

    request.around.db.write(remove)
    return Reply()


def _specs(request: Request, id: str) -> Specs:
    with request.around.db.read() as tx:
        specs: Specs = group_types.get(tx, id, None).group_specs
    return specs


def _change(request: Request, id: str, change: Callable[[Specs], Specs]) -> None:
    request.around.db.write(lambda tx: group_types.set_specs(tx, id, change(group_types.lock(tx, id).group_specs)))


SPECS: Final = SpecHandlers("group_specs", "Group spec", "group:group_types_specs", ("get_all", "get"), _specs, _change)
