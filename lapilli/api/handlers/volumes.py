"""Volumes: list, show, create, update, delete, and their summary."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.bodies import text
from lapilli.api.filters import condition, equals, pairs, parameters, texts, times
from lapilli.api.formats import BOOL, to_bool
from lapilli.api.image_source import image_source
from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.views import volumes as views
from lapilli.db import attachments, backups, notifications, volumes
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import volumes as table
from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.operations import create_volume, create_volume_from_backup, delete_volume
from lapilli.operations.desks import SCHEDULER_QUEUE, volume_queue

SORT_KEYS: Final = {
    "id": "id",
    "name": "name",
    "display_name": "name",
    "status": "status",
    "size": "size_gib",
    "availability_zone": "availability_zone",
    "bootable": "bootable",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "host": "host",
    "volume_type_id": "volume_type_id",
}
"""What lists are sorted by, and the column that it is."""

_FILTERS: Final = {
    **texts(name=table.c.name, display_name=table.c.name, status=table.c.status, group_id=table.c.group_id),
    **texts(migration_status=table.c.migration_status, availability_zone=table.c.availability_zone),
    "size": equals(table.c.size_gib),
    "bootable": equals(table.c.bootable),
    "consumes_quota": equals(table.c.consumes_quota),
    "created_at": times(table.c.created_at),
    "updated_at": times(table.c.updated_at),
    "metadata": pairs(volumes.has_metadata),
    # An administrator may filter by further columns.
    "glance_metadata": pairs(volumes.has_image_metadata),
    **texts(id=table.c.id, host=table.c.host, user_id=table.c.user_id, attach_status=table.c.attach_status),
    **texts(description=table.c.description, display_description=table.c.description),
    **texts(volume_type_id=table.c.volume_type_id, snapshot_id=table.c.snapshot_id, source_volid=table.c.source_volid),
    **texts(replication_status=table.c.replication_status, cluster_name=table.c.cluster_name),
    "multiattach": equals(table.c.multiattach),
}
LISTED: Final = (
    *paging.paged(SORT_KEYS),
    *paging.OF_PROJECTS,
    paging.COUNT,
    *parameters(_FILTERS, "volume"),
)
DELETED: Final = (Parameter("cascade", BOOL), Parameter("force", BOOL, since.FORCED_DELETE))


def index(request: Request) -> Reply:
    """List volumes."""
    rows, page, total = _list(request)
    return Reply(paging.listing(request, "volumes", views.summaries(request, rows), page, total))


def detail(request: Request) -> Reply:
    """List volumes with their details."""
    rows, page, total = _list(request)
    shown = views.details(request, rows, _attached(request, rows))
    return Reply(paging.listing(request, "volumes", shown, page, total))


def _list(request: Request) -> tuple[Sequence[AnyRow], Page, int | None]:
    request.enforce("volume:get_all")
    page = paging.page_of(request, SORT_KEYS, _conditions(request), project_id=paging.listed_project(request))
    counts = request.minor >= since.WITH_COUNT and paging.flag(request.query, "with_count")
    with request.around.db.read() as tx:
        rows = volumes.list_page(tx, page)
        return rows, page, volumes.count(tx, page) if counts else None


def _conditions(request: Request) -> list[ColumnElement[bool]]:
    asked = paging.check_filters(request, "volume")
    if "bootable" in asked and request.minor < since.STRICT_BOOLEAN_FILTERS:
        asked["bootable"] = str(asked["bootable"] not in {"", "False", "false", "FALSE"})
    return [condition(_FILTERS, name, value) for name, value in asked.items()]


def _attached(request: Request, rows: Sequence[AnyRow]) -> views.Attached:
    ids = [row.id for row in rows if row.attach_status == "attached"]
    if not ids:
        return {}
    with request.around.db.read() as tx:
        return attachments.attached_to(tx, ids)


def summary(request: Request) -> Reply:
    """The number and size of the volumes, and from 3.36 their metadata."""
    request.enforce("volume:get_all")
    project_id = paging.listed_project(request)
    with request.around.db.read() as tx:
        number, size_gib = volumes.summary(tx, Page(project_id))
        body: dict[str, Any] = {"total_count": number, "total_size": size_gib}
        if request.minor >= since.SUMMARY_METADATA:
            body["metadata"] = {}
            for key, value in volumes.metadata_values(tx, project_id):
                body["metadata"].setdefault(key, []).append(value)
    return Reply({"volume-summary": body})


def show(request: Request, id: str) -> Reply:
    """Show a volume."""
    with request.around.db.read() as tx:
        row = volumes.get(tx, id, request.scope)
    if not request.allows("volume:get", {"project_id": row.project_id}):
        raise NotFound("Volume", id)
    return Reply({"volume": views.details(request, [row], _attached(request, [row]))[0]})


def create(request: Request) -> Reply:
    """Create a volume."""
    request.enforce("volume:create")
    wish = _wish(request)
    around = request.around

    def admit(tx: Connection) -> AnyRow:
        row = volumes.get(tx, _admit(tx, request, wish), None)
        if row.multiattach:
            request.enforce("volume:multiattach")
        return row

    row = around.db.write(admit)
    around.wake.ring(SCHEDULER_QUEUE)
    return Reply({"volume": views.created(request, row)})


def _admit(tx: Connection, request: Request, wish: create_volume.Wish) -> str:
    backup_id = request.body["volume"].get("backup_id")
    if not backup_id or request.minor < since.CREATE_FROM_BACKUP:
        return create_volume.admit(tx, request.caller, request.around.rules, wish)
    backup = backups.get(tx, backup_id, request.scope)
    request.enforce("backup:get", {"project_id": backup.project_id})
    return create_volume_from_backup.admit(tx, request.caller, request.around.rules, wish, backup_id)


def _wish(request: Request) -> create_volume.Wish:
    asked = request.body["volume"]
    sources = [key for key in ("snapshot_id", "source_volid", "imageRef", "image_id", "backup_id") if asked.get(key)]
    if len(sources) > 1:
        raise Malformed(f"Give one source at most, not {' and '.join(sources)}.")
    if asked.get("multiattach") not in {None, False} and to_bool(asked["multiattach"]):
        raise Malformed("multiattach is a property of the volume type, with the extra spec multiattach='<is> True'.")
    if (request.body.get("OS-SCH-HNT:scheduler_hints") or {}).keys():
        raise Malformed("OS-SCH-HNT:scheduler_hints: this service takes no scheduler hints.")
    size = asked.get("size")
    image, boot_snapshot_id = image_source(request, asked.get("imageRef") or asked.get("image_id"))
    return create_volume.Wish(
        size_gib=None if size is None else int(size),
        name=text(asked, "name"),
        description=text(asked, "description"),
        volume_type=asked.get("volume_type") or None,
        image_type=image.properties.get("cinder_img_volume_type") if image else None,
        availability_zone=asked.get("availability_zone"),
        snapshot_id=boot_snapshot_id or asked.get("snapshot_id"),
        source_volid=asked.get("source_volid"),
        image=image,
        group_id=(request.minor >= since.GROUPS and asked.get("group_id")) or asked.get("consistencygroup_id"),
        metadata=asked.get("metadata") or {},
    )


def update(request: Request, id: str) -> Reply:
    """Change name, description or metadata."""
    asked = request.body["volume"]
    around = request.around
    changes = {name: text(asked, name) for name in ("name", "description") if {name, f"display_{name}"} & asked.keys()}
    if asked.get("metadata") is not None:
        changes["metadata"] = asked["metadata"]

    def change(tx: Connection) -> AnyRow:
        row = volumes.lock(tx, id, request.scope)
        request.enforce("volume:update", {"project_id": row.project_id})
        if row.status == "maintenance":
            raise Conflict(f"Volume {id} is under maintenance.")
        volumes.change(tx, id, **changes)
        notifications.describe(tx, "volume", id, "volume.update.start", "volume.update.end")
        return volumes.get(tx, id, None)

    row = around.db.write(change)
    return Reply({"volume": views.updated(request, row, _attached(request, [row]))})


def delete(request: Request, id: str) -> Reply:
    """Delete a volume."""
    cascade = paging.flag(request.query, "cascade")
    force = request.minor >= since.FORCED_DELETE and paging.flag(request.query, "force")
    rules = ("volume:force_delete", "volume:delete") if force else ("volume:delete",)
    remove(request, id, *rules, cascade=cascade, force=force)
    return Reply()


def remove(request: Request, id: str, *rules: str, cascade: bool, force: bool) -> None:
    """What the DELETE method and the action `os-force_delete` share."""
    around = request.around

    def admit(tx: Connection) -> Any:
        row = volumes.get(tx, id, request.scope)
        for rule in rules:
            request.enforce(rule, {"project_id": row.project_id})
        delete_volume.admit(tx, request.caller, id, cascade=cascade, force=force)
        return row.host

    host = around.db.write(admit)
    if host is not None:
        around.wake.ring(volume_queue(host.partition("#")[0]))


def target(tx: Connection, request: Request, id: str, rule: str) -> AnyRow:
    """The volume, if the policy lets the caller do to it what the rule is about."""
    volume = volumes.get(tx, id, request.scope)
    request.enforce(rule, {"project_id": volume.project_id})
    return volume
