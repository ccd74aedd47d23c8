"""Legacy consistency groups: groups of a reserved type, under older URLs. Their lists show all groups, as in Cinder."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.bodies import text
from lapilli.api.formats import to_bool
from lapilli.api.handlers import groups as groups_api
from lapilli.api.request import Reply, Request
from lapilli.api.views import groups as views
from lapilli.db import group_types, groups
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, NotFound
from lapilli.operations import create_group
from lapilli.operations.desks import SCHEDULER_QUEUE

_KEY = "consistencygroup"
_LINKS = "consistencygroup_links"


def index(request: Request) -> Reply:
    """List consistency groups."""
    rows, page = _list_all(request)
    shown = list(map(views.SUMMARY.for_request(request), rows))
    return Reply(paging.listing(request, "consistencygroups", shown, page, None, _LINKS))


def detail(request: Request) -> Reply:
    """List consistency groups with their details. The link to the next page leads to the short list, as in Cinder."""
    rows, page = _list_all(request)
    with request.around.db.read() as tx:
        types = groups.type_ids(tx, [row.id for row in rows])
    shown = views.consistency_groups(request, rows, types)
    short = request._replace(path="/consistencygroups")
    return Reply(paging.listing(short, "consistencygroups", shown, page, None, _LINKS))


def _list_all(request: Request) -> tuple[Sequence[AnyRow], Page]:
    """What tenants filter by is not checked in any version."""
    return groups_api.list_groups(request, paging.filters_of(request, "group"))


def show(request: Request, id: str) -> Reply:
    """Show a consistency group."""
    with request.around.db.read() as tx:
        row = groups_api.target(tx, request, id, "group:get")
        types = groups.type_ids(tx, [id])
    return Reply({_KEY: views.consistency_groups(request, [row], types)[0]})


def create(request: Request) -> Reply:
    """Create a consistency group."""
    request.enforce("group:create")
    asked = request.body[_KEY]
    wish = create_group.Wish(
        volume_types=_types(asked["volume_types"]),
        name=text(asked, "name"),
        description=text(asked, "description"),
        availability_zone=asked.get("availability_zone"),
    )

    def admit(tx: Connection) -> AnyRow:
        kind = group_types.find_named(tx, group_types.OF_CONSISTENCY_GROUPS, None)
        if kind is None:
            raise NotFound("Group type", group_types.OF_CONSISTENCY_GROUPS)
        return groups.get(tx, create_group.admit(tx, request.caller, request.around.rules, kind, wish), None)

    row = request.around.db.write(admit)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return Reply({_KEY: views.SUMMARY.for_request(request)(row)})


def _types(listed: str) -> list[str]:
    wanted = [part for part in listed.split(",") if part]
    if not wanted:
        raise Malformed("volume_types must name at least one volume type.")
    return wanted


def create_from_source(request: Request) -> Reply:
    """Create a consistency group with the bytes of a cgsnapshot or of another consistency group."""
    asked = request.body["consistencygroup-from-src"]
    snapshot_id, group_id = asked.get("cgsnapshot_id") or None, asked.get("source_cgid") or None
    row = groups_api.copy(request, asked, snapshot_id, group_id, is_legacy=True)
    return Reply({_KEY: views.SUMMARY.for_request(request)(row)})


def update(request: Request, id: str) -> Reply:
    """Change name, description or volumes."""
    asked = request.body[_KEY]
    if not _changes(request, asked):
        raise Malformed("Give a name, a description, add_volumes or remove_volumes.")
    groups_api.change(request, id, asked, is_legacy=True)
    return Reply()


def _changes(request: Request, asked: dict[str, Any]) -> bool:
    """Whether the request wants anything; until 3.5 an empty name or description does not count."""
    counts_empty = request.minor >= since.EMPTY_CONSISTENCY_GROUP_NAMES
    named = (asked.get("name"), asked.get("description"))
    texts = [text for text in named if text or (text == "" and counts_empty)]
    return bool(texts or asked.get("add_volumes") or asked.get("remove_volumes"))


def delete(request: Request, id: str) -> Reply:
    """Delete a consistency group, with `force` also its volumes."""
    body = request.body or {}
    asked = body.get(_KEY) or body.get("consistency_group") or {}
    groups_api.remove(request, id, with_volumes=to_bool(asked.get("force", False)), is_legacy=True)
    return Reply()


def delete_empty(request: Request, id: str) -> Reply:
    """Delete a consistency group that has no volumes."""
    groups_api.remove(request, id, with_volumes=False, is_legacy=True)
    return Reply()
