"""Backups: list, show, create, update, delete, restore."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.bodies import text
from lapilli.api.filters import condition, equals, pairs, parameters, texts
from lapilli.api.formats import to_bool
from lapilli.api.request import Reply, Request
from lapilli.api.views import backups as views
from lapilli.db import backups, volumes
from lapilli.db.rows import AnyRow
from lapilli.db.schema import backups as table
from lapilli.model.values import Location
from lapilli.operations import create_backup, create_volume_from_backup, delete_backup, restore_backup
from lapilli.operations.desks import SCHEDULER_QUEUE, volume_queue

_SORT_KEYS: Final = {
    "id": "id",
    "display_name": "name",
    "status": "status",
    "volume_id": "volume_id",
    "container": "container",
    "size": "size_gib",
    "created_at": "created_at",
    "updated_at": "updated_at",
}
_SORT_KEYS_WITH_NAME: Final = {**_SORT_KEYS, "name": "name"}

_FILTERS: Final = {
    **texts(name=table.c.name, display_name=table.c.name, status=table.c.status, volume_id=table.c.volume_id),
    # An administrator may filter by further columns.
    **texts(id=table.c.id, user_id=table.c.user_id, host=table.c.host, availability_zone=table.c.availability_zone),
    **texts(description=table.c.description, display_description=table.c.description, container=table.c.container),
    **texts(snapshot_id=table.c.snapshot_id, parent_id=table.c.parent_id, service=table.c.service),
    "size": equals(table.c.size_gib),
    "object_count": equals(table.c.object_count),
    "metadata": pairs(backups.has_metadata),
}
LISTED: Final = (
    *paging.paged(_SORT_KEYS),
    paging.sort_key(_SORT_KEYS_WITH_NAME, since.SORT_BACKUPS_BY_NAME),
    *paging.OF_PROJECTS,
    paging.COUNT,
    *parameters(_FILTERS, "backup"),
)

Shown = Callable[[Request, Sequence[AnyRow]], list[dict[str, Any]]]


def index(request: Request) -> Reply:
    """List backups."""
    return _listing(request, views.summaries)


def detail(request: Request) -> Reply:
    """List backups with their details."""
    return _listing(request, views.details)


def _listing(request: Request, show: Shown) -> Reply:
    request.enforce("backup:get_all")
    keys = _SORT_KEYS_WITH_NAME if request.minor >= since.SORT_BACKUPS_BY_NAME else _SORT_KEYS
    page = paging.page_of(request, keys, _conditions(request), project_id=paging.listed_project(request))
    counts = request.minor >= since.WITH_COUNT and paging.flag(request.query, "with_count")
    with request.around.db.read() as tx:
        rows = backups.list_page(tx, page)
        total = backups.count(tx, page) if counts else None
    return Reply(paging.listing(request, "backups", show(request, rows), page, total))


def _conditions(request: Request) -> list[ColumnElement[bool]]:
    asked = paging.check_filters(request, "backup")
    return [condition(_FILTERS, name, value) for name, value in asked.items()]


def show(request: Request, id: str) -> Reply:
    """Show a backup."""
    with request.around.db.read() as tx:
        row = backups.get(tx, id, request.scope)
    request.enforce("backup:get", {"project_id": row.project_id})
    return Reply({"backup": views.details(request, [row])[0]})


def create(request: Request) -> Reply:
    """Back up a volume or a snapshot."""
    asked = request.body["backup"]
    around = request.around
    wish = create_backup.Wish(
        volume_id=asked["volume_id"],
        snapshot_id=asked.get("snapshot_id"),
        name=text(asked, "name"),
        description=text(asked, "description"),
        container=asked.get("container") or None,
        availability_zone=asked.get("availability_zone") or None,
        metadata=asked.get("metadata") or {},
        is_incremental=to_bool(asked.get("incremental", False)),
        force=to_bool(asked.get("force", False)),
    )

    def admit(tx: Connection) -> tuple[AnyRow, str]:
        volume = volumes.get(tx, wish.volume_id, request.scope)
        request.enforce("backup:create", {"project_id": volume.project_id})
        backup_id = create_backup.admit(tx, request.caller, around.rules, wish)
        return backups.get(tx, backup_id, None), volume.host

    row, host = around.db.write(admit)
    around.wake.ring(volume_queue(Location.parse(host).service))
    return Reply({"backup": views.summaries(request, [row])[0]})


def update(request: Request, id: str) -> Reply:
    """Change name, description or metadata."""
    asked = request.body["backup"]
    changes: dict[str, Any] = {name: text(asked, name) for name in ("name", "description") if name in asked}
    if "metadata" in asked:
        changes["metadata"] = asked["metadata"]

    def change(tx: Connection) -> AnyRow:
        row = backups.get(tx, id, request.scope)
        request.enforce("backup:update", {"project_id": row.project_id})
        backups.change(tx, id, **changes)
        return backups.get(tx, id, None)

    row = request.around.db.write(change)
    return Reply({"backup": views.summaries(request, [row])[0]})


def delete(request: Request, id: str) -> Reply:
    """Delete a backup."""
    remove(request, id, "backup:delete", force=False)
    return Reply()


def remove(request: Request, id: str, rule: str, *, force: bool) -> None:
    """What the DELETE method and the action `os-force_delete` share."""
    around = request.around

    def admit(tx: Connection) -> str | None:
        row = backups.get(tx, id, request.scope)
        request.enforce(rule, {"project_id": row.project_id})
        return delete_backup.admit(tx, request.caller, around.rules, id, force=force)

    queue = around.db.write(admit)
    if queue is not None:
        around.wake.ring(queue)


def restore(request: Request, id: str) -> Reply:
    """Restore a backup, to the volume that is named or to a new one."""
    asked = request.body["restore"]
    around, caller = request.around, request.caller

    def admit(tx: Connection) -> AnyRow:
        row = backups.get(tx, id, request.scope)
        request.enforce("backup:restore", {"project_id": row.project_id})
        volume_id = asked.get("volume_id")
        if volume_id:
            restore_backup.admit(tx, caller, around.rules, id, volume_id)
        else:
            volume_id = create_volume_from_backup.admit_restore(tx, caller, around.rules, id, asked.get("name"))
        return volumes.get(tx, volume_id, None)

    volume = around.db.write(admit)
    around.wake.ring(SCHEDULER_QUEUE if volume.host is None else volume_queue(Location.parse(volume.host).service))
    return Reply({"restore": {"backup_id": id, "volume_id": volume.id, "volume_name": volume.name}})
