"""Groups: list, show, create, update, delete. Legacy consistency groups are hidden here, and have their own URLs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.bodies import text
from lapilli.api.filters import condition, equals, parameters, texts
from lapilli.api.formats import BOOL
from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.views import groups as views
from lapilli.db import group_types, groups
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import groups as table
from lapilli.model.errors import Malformed, NotFound
from lapilli.operations import create_group, create_group_from_source, delete_group, update_group
from lapilli.operations.desks import SCHEDULER_QUEUE

_SORT_KEYS: Final = {key: key for key in ("id", "name", "status", "created_at", "updated_at")}
_FILTERS: Final = {
    **texts(name=table.c.name, description=table.c.description, status=table.c.status),
    "id": equals(table.c.id),
    "availability_zone": equals(table.c.availability_zone),
    "group_type_id": equals(table.c.group_type_id),
    # An administrator may filter by further columns.
    "user_id": equals(table.c.user_id),
    "host": equals(table.c.host),
    "group_snapshot_id": equals(table.c.group_snapshot_id),
    "source_group_id": equals(table.c.source_group_id),
    "replication_status": equals(table.c.replication_status),
}
LISTED: Final = (*paging.paged(_SORT_KEYS), *paging.OF_PROJECTS_BY_PRESENCE, *parameters(_FILTERS, "group"))
SHOWN: Final = (Parameter("list_volume", BOOL, since.GROUP_VOLUMES),)


def index(request: Request) -> Reply:
    """List groups."""
    rows, page = _list_generic(request)
    shown = list(map(views.SUMMARY.for_request(request), rows))
    return Reply(paging.listing(request, "groups", shown, page, None, "group_links"))


def detail(request: Request) -> Reply:
    """List groups with their details. The link to the next page leads to the short list, as in Cinder."""
    rows, page = _list_generic(request)
    shown = _details(request, rows)
    return Reply(paging.listing(request._replace(path="/groups"), "groups", shown, page, None, "group_links"))


def _list_generic(request: Request) -> tuple[Sequence[AnyRow], Page]:
    query = {name: value for name, value in request.query.items() if name != "list_volume"}
    asked = paging.check_filters(request._replace(query=query), "group")
    return list_groups(request, asked, [groups.is_generic()])


def list_groups(
    request: Request, asked: Mapping[str, str], conditions: Sequence[ColumnElement[bool]] = ()
) -> tuple[Sequence[AnyRow], Page]:
    """The page of the groups that pass the filters `asked` and the conditions."""
    request.enforce("group:get_all")
    found = [*conditions, *(condition(_FILTERS, name, value) for name, value in asked.items() if name != "project_id")]
    page = paging.page_of(request, _SORT_KEYS, found, project_id=paging.listed_project_by_presence(request))
    with request.around.db.read() as tx:
        return groups.list_page(tx, page), page


def _details(request: Request, rows: Sequence[AnyRow]) -> list[dict[str, Any]]:
    shows_volumes = request.minor >= since.GROUP_VOLUMES and paging.flag(request.query, "list_volume")
    ids = [row.id for row in rows]
    with request.around.db.read() as tx:
        types = groups.type_ids(tx, ids)
        volumes = groups.volume_ids(tx, ids) if shows_volumes else None
    return views.groups(request, rows, types, volumes)


def show(request: Request, id: str) -> Reply:
    """Show a group."""
    with request.around.db.read() as tx:
        row = generic(tx, request, id, "group:get")
    return Reply({"group": _details(request, [row])[0]})


def target(tx: Connection, request: Request, id: str, rule: str) -> AnyRow:
    """The group, if the policy lets the caller do to it what the rule is about."""
    row = groups.get(tx, id, request.scope)
    request.enforce(rule, {"project_id": row.project_id})
    return row


def generic(tx: Connection, request: Request, id: str, rule: str) -> AnyRow:
    """`target`, if it is no legacy consistency group."""
    row = target(tx, request, id, rule)
    check_generic(tx, row.group_type_id)
    return row


def check_generic(tx: Connection, group_type_id: str) -> None:
    """Refuse the type that is reserved for legacy consistency groups."""
    if groups.is_legacy_type(tx, group_type_id):
        raise Malformed(
            f"Group type {group_type_id} is reserved for consistency groups; use /consistencygroups and /cgsnapshots."
        )


def create(request: Request) -> Reply:
    """Create a group."""
    request.enforce("group:create")
    asked = request.body["group"]
    wish = create_group.Wish(
        volume_types=asked["volume_types"],
        name=text(asked, "name"),
        description=text(asked, "description"),
        availability_zone=asked.get("availability_zone"),
    )

    def admit(tx: Connection) -> AnyRow:
        kind = group_types.find_named(tx, asked["group_type"], request.scope)
        if kind is None:
            raise NotFound("Group type", asked["group_type"])
        check_generic(tx, kind.id)
        return groups.get(tx, create_group.admit(tx, request.caller, request.around.rules, kind, wish), None)

    row = request.around.db.write(admit)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return Reply({"group": views.SUMMARY.for_request(request)(row)})


def create_from_source(request: Request) -> Reply:
    """Create a group with the bytes of a group snapshot or of another group."""
    asked = request.body["create-from-src"]
    row = copy(request, asked, asked.get("group_snapshot_id"), asked.get("source_group_id"), is_legacy=False)
    return Reply({"group": views.SUMMARY.for_request(request)(row)})


def copy(
    request: Request, asked: Mapping[str, Any], snapshot_id: str | None, group_id: str | None, *, is_legacy: bool
) -> AnyRow:
    """The new group that has the bytes of one source, a group snapshot or a group."""
    request.enforce("group:create")
    if (snapshot_id is None) == (group_id is None):
        raise Malformed("Give one source: a group, or a snapshot of one.")

    def admit(tx: Connection) -> AnyRow:
        copy_id = create_group_from_source.admit(
            tx,
            request.caller,
            request.around.rules,
            name=text(asked, "name"),
            description=text(asked, "description"),
            group_snapshot_id=snapshot_id,
            source_group_id=group_id,
        )
        row = groups.get(tx, copy_id, None)
        if not is_legacy:
            check_generic(tx, row.group_type_id)
        return row

    row = request.around.db.write(admit)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return row


def update(request: Request, id: str) -> Reply:
    """Change name, description or volumes."""
    change(request, id, request.body["group"], is_legacy=False)
    return Reply()


def change(request: Request, id: str, asked: Mapping[str, Any], *, is_legacy: bool) -> None:
    """Give the group what was asked for; its lists of volumes are ids with commas between them."""

    def admit(tx: Connection) -> str | None:
        (target if is_legacy else generic)(tx, request, id, "group:update")
        return update_group.admit(
            tx,
            request.caller,
            id,
            name=text(asked, "name"),
            description=text(asked, "description"),
            add=_ids(asked.get("add_volumes")),
            remove=_ids(asked.get("remove_volumes")),
        )

    ring(request, request.around.db.write(admit))


def _ids(listed: str | None) -> list[str]:
    return [part.strip() for part in (listed or "").strip(",").split(",") if part]


def delete(request: Request, id: str) -> Reply:
    """Delete a group that has no volumes."""
    remove(request, id, with_volumes=False, is_legacy=False)
    return Reply()


def remove(request: Request, id: str, *, with_volumes: bool, is_legacy: bool) -> None:
    """Delete a group, with its volumes or only if it has none."""

    def admit(tx: Connection) -> str | None:
        (target if is_legacy else generic)(tx, request, id, "group:delete")
        return delete_group.admit(tx, request.caller, id, with_volumes=with_volumes)

    ring(request, request.around.db.write(admit))


def ring(request: Request, queue: str | None) -> None:
    """Wake whoever serves the queue, if there is something in it to do."""
    if queue is not None:
        request.around.wake.ring(queue)
