"""Group snapshots: list, show, create, delete, and their action. Those of legacy consistency groups are hidden here."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.actions import Action, Actions
from lapilli.api.bodies import text
from lapilli.api.filters import condition, equals, parameters, texts
from lapilli.api.handlers import groups as groups_api
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import groups as bodies
from lapilli.api.views import View
from lapilli.api.views import groups as views
from lapilli.db import group_snapshots, groups
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import group_snapshots as table
from lapilli.model.values import Location
from lapilli.operations import create_group_snapshot, delete_group_snapshot, reset_group
from lapilli.operations.desks import volume_queue

_SORT_KEYS: Final = {key: key for key in ("id", "name", "status", "group_id", "created_at", "updated_at")}
_FILTERS: Final = {
    **texts(name=table.c.name, description=table.c.description, status=table.c.status),
    "group_id": equals(table.c.group_id),
    "group_type_id": equals(table.c.group_type_id),
    "id": equals(table.c.id),
    # An administrator may filter by a further column.
    "user_id": equals(table.c.user_id),
}
LISTED: Final = paging.from_version(
    since.GROUP_SNAPSHOT_PAGES,
    (*paging.paged(_SORT_KEYS), *paging.OF_PROJECTS_BY_PRESENCE, *parameters(_FILTERS, "group_snapshot")),
)


def index(request: Request) -> Reply:
    """List group snapshots."""
    return _listing(request, views.SUMMARY)


def detail(request: Request) -> Reply:
    """List group snapshots with their details. The link to the next page leads to the short list, as in Cinder."""
    return _listing(request._replace(path="/group_snapshots"), views.SNAPSHOT)


def _listing(request: Request, view: View) -> Reply:
    page = _page(request) if request.minor >= since.GROUP_SNAPSHOT_PAGES else _plain_page(request)
    shown = list(map(view.for_request(request), list_snapshots(request, page)))
    return Reply(paging.listing(request, "group_snapshots", shown, page, None, "group_snapshot_links"))


def list_snapshots(request: Request, page: Page) -> Sequence[AnyRow]:
    """The group snapshots of the page."""
    request.enforce("group:get_all_group_snapshots")
    with request.around.db.read() as tx:
        return group_snapshots.list_page(tx, page)


def _page(request: Request) -> Page:
    asked = paging.check_filters(request, "group_snapshot")
    found: list[ColumnElement[bool]] = [condition(_FILTERS, name, value) for name, value in asked.items()]
    project_id = paging.listed_project_by_presence(request)
    return paging.page_of(request, _SORT_KEYS, [group_snapshots.is_generic(), *found], project_id=project_id)


def _plain_page(request: Request) -> Page:
    """Before there were pages and filters, all of the caller's project."""
    paging.check_names(request.query)
    return Page(request.caller.project_id, request.around.max_limit, conditions=[group_snapshots.is_generic()])


def show(request: Request, id: str) -> Reply:
    """Show a group snapshot."""
    with request.around.db.read() as tx:
        row = target(tx, request, id, "group:get_group_snapshot")
        groups_api.check_generic(tx, row.group_type_id)
    return Reply({"group_snapshot": views.SNAPSHOT.for_request(request)(row)})


def target(tx: Connection, request: Request, id: str, rule: str) -> AnyRow:
    """The group snapshot, if the policy lets the caller do to it what the rule is about."""
    row = group_snapshots.get(tx, id, request.scope)
    request.enforce(rule, {"project_id": row.project_id})
    return row


def create(request: Request) -> Reply:
    """Keep the present bytes of a group's volumes."""
    asked = request.body["group_snapshot"]
    row = take(request, asked["group_id"], asked, is_legacy=False)
    return Reply({"group_snapshot": views.SNAPSHOT_CREATED.for_request(request)(row)})


def take(request: Request, group_id: str, asked: Mapping[str, Any], *, is_legacy: bool) -> AnyRow:
    """The new group snapshot of the group."""

    def admit(tx: Connection) -> tuple[AnyRow, str]:
        find = groups_api.target if is_legacy else groups_api.generic
        find(tx, request, group_id, "group:create_group_snapshot")
        # Of the two forms only the older one takes blanks away.
        names = {each: text(asked, each) if is_legacy else asked.get(each) for each in ("name", "description")}
        taken = create_group_snapshot.admit(tx, request.caller, request.around.rules, group_id, **names)
        return group_snapshots.get(tx, taken, None), groups.get(tx, group_id, None).host

    row, host = request.around.db.write(admit)
    request.around.wake.ring(volume_queue(Location.parse(host).service))
    return row


def delete(request: Request, id: str) -> Reply:
    """Delete a group snapshot."""
    remove(request, id, is_legacy=False)
    return Reply()


def remove(request: Request, id: str, *, is_legacy: bool) -> None:
    """Delete a group snapshot with its snapshots."""

    def admit(tx: Connection) -> str:
        row = target(tx, request, id, "group:delete_group_snapshot")
        if not is_legacy:
            groups_api.check_generic(tx, row.group_type_id)
        return delete_group_snapshot.admit(tx, request.caller, id)

    request.around.wake.ring(request.around.db.write(admit))


def _reset_status(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        target(tx, request, id, "group:reset_group_snapshot_status")
        reset_group.reset_snapshot(tx, id, wish["status"].lower())

    request.around.db.write(work)
    return Reply()


ACTIONS: Final = Actions({"reset_status": Action(_reset_status, bodies.RESET_STATUS, since=since.GROUP_SNAPSHOT_RESET)})
