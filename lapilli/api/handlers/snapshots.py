"""Snapshots: list, show, create, update, delete."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.bodies import text
from lapilli.api.filters import Filter, condition, equals, pairs, parameters, texts
from lapilli.api.formats import to_bool
from lapilli.api.request import Reply, Request
from lapilli.api.views import View
from lapilli.api.views import snapshots as views
from lapilli.db import notifications, snapshots, volumes
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import snapshots as table
from lapilli.model.errors import Malformed
from lapilli.operations import create_snapshot, delete_snapshot
from lapilli.operations.desks import volume_queue

_SORT_KEYS: Final = {
    "id": "id",
    "display_name": "name",
    "status": "status",
    "volume_id": "volume_id",
    "volume_size": "size_gib",
    "created_at": "created_at",
    "updated_at": "updated_at",
}
_SORT_KEYS_WITH_NAME: Final = {**_SORT_KEYS, "name": "name"}

_FILTERS: Final = {
    **texts(name=table.c.name, display_name=table.c.name, status=table.c.status, volume_id=table.c.volume_id),
    "metadata": pairs(snapshots.has_metadata),
    "availability_zone": Filter(snapshots.in_zone),
    "consumes_quota": equals(table.c.consumes_quota),
    # An administrator may filter by further columns.
    **texts(id=table.c.id, user_id=table.c.user_id, volume_type_id=table.c.volume_type_id, progress=table.c.progress),
    **texts(description=table.c.description, display_description=table.c.description),
    "volume_size": equals(table.c.size_gib),
}
LISTED: Final = (
    *paging.paged(_SORT_KEYS),
    paging.sort_key(_SORT_KEYS_WITH_NAME, since.SORT_SNAPSHOTS_BY_NAME),
    *paging.OF_PROJECTS,
    paging.COUNT,
    *parameters(_FILTERS, "snapshot"),
)


def index(request: Request) -> Reply:
    """List snapshots."""
    return _listing(request, views.SUMMARY)


def detail(request: Request) -> Reply:
    """List snapshots with their details."""
    return _listing(request, views.DETAILS)


def _listing(request: Request, view: View) -> Reply:
    rows, page, total = _list(request)
    return Reply(paging.listing(request, "snapshots", list(map(view.for_request(request), rows)), page, total))


def _list(request: Request) -> tuple[Sequence[AnyRow], Page, int | None]:
    request.enforce("volume:get_all_snapshots")
    keys = _SORT_KEYS_WITH_NAME if request.minor >= since.SORT_SNAPSHOTS_BY_NAME else _SORT_KEYS
    page = paging.page_of(request, keys, _conditions(request), project_id=paging.listed_project(request))
    counts = request.minor >= since.WITH_COUNT and paging.flag(request.query, "with_count")
    with request.around.db.read() as tx:
        rows = snapshots.list_page(tx, page)
        return rows, page, snapshots.count(tx, page) if counts else None


def _conditions(request: Request) -> list[ColumnElement[bool]]:
    asked = paging.check_filters(request, "snapshot")
    return [condition(_FILTERS, name, value) for name, value in asked.items()]


def show(request: Request, id: str) -> Reply:
    """Show a snapshot."""
    with request.around.db.read() as tx:
        row = snapshots.get(tx, id, request.scope)
    request.enforce("volume:get_snapshot", {"project_id": row.project_id})
    return Reply({"snapshot": views.DETAILS.for_request(request)(row)})


def create(request: Request) -> Reply:
    """Create a snapshot of a volume."""
    asked = request.body["snapshot"]
    takes_in_use = _takes_in_use(request, asked)
    volume_id = asked["volume_id"] or ""
    around = request.around

    def admit(tx: Connection) -> tuple[AnyRow, str]:
        volume = volumes.get(tx, volume_id, request.scope)
        request.enforce("volume:create_snapshot", {"project_id": volume.project_id})
        snapshot_id = create_snapshot.admit(
            tx,
            request.caller,
            around.rules,
            volume_id,
            name=text(asked, "name"),
            description=text(asked, "description"),
            metadata=asked.get("metadata") or {},
            force=takes_in_use,
        )
        return snapshots.get(tx, snapshot_id, None), volume.host

    row, host = around.db.write(admit)
    around.wake.ring(volume_queue(host.partition("#")[0]))
    return Reply({"snapshot": views.SNAPSHOT.for_request(request)(row)})


def _takes_in_use(request: Request, asked: dict[str, Any]) -> bool:
    force = to_bool(asked.get("force", False))
    if request.minor < since.SNAPSHOT_IN_USE:
        return force
    if "force" in asked and not force:
        raise Malformed("force cannot be false: from 3.66 on, snapshots of volumes in use need no force.")
    return True


def update(request: Request, id: str) -> Reply:
    """Change name or description."""
    asked = request.body["snapshot"]
    changes = {name: text(asked, name) for name in ("name", "description") if {name, f"display_{name}"} & asked.keys()}

    def change(tx: Connection) -> AnyRow:
        row = snapshots.get(tx, id, request.scope)
        request.enforce("volume:update_snapshot", {"project_id": row.project_id})
        snapshots.change(tx, id, **changes)
        notifications.describe(tx, "snapshot", id, "snapshot.update.start", "snapshot.update.end")
        return snapshots.get(tx, id, None)

    row = request.around.db.write(change)
    return Reply({"snapshot": views.SNAPSHOT.for_request(request)(row)})


def delete(request: Request, id: str) -> Reply:
    """Delete a snapshot."""
    remove(request, id, "volume:delete_snapshot", force=False)
    return Reply()


def remove(request: Request, id: str, rule: str, *, force: bool) -> None:
    """What the DELETE method and the action `os-force_delete` share."""
    around = request.around

    def admit(tx: Connection) -> Any:
        row = snapshots.get(tx, id, request.scope)
        request.enforce(rule, {"project_id": row.project_id})
        delete_snapshot.admit(tx, request.caller, id, force=force)
        return volumes.get(tx, row.volume_id, None).host

    host = around.db.write(admit)
    around.wake.ring(volume_queue(host.partition("#")[0]))
