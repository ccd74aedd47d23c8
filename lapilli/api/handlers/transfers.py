"""Transfers: a volume is offered to whoever knows a key. `/os-volume-transfer` is the older URL of the same."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.bodies import text
from lapilli.api.filters import condition, equals, parameters
from lapilli.api.formats import to_bool
from lapilli.api.handlers.volumes import target
from lapilli.api.request import Reply, Request
from lapilli.api.views import transfers as views
from lapilli.db import transfers, volumes
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import transfers as table
from lapilli.model.errors import Malformed
from lapilli.operations import transfer_volume

_SORT_KEYS: Final = {"id": "id", "display_name": "name", "created_at": "created_at"}
_FILTERS: Final = {
    "id": equals(table.c.id),
    "name": equals(table.c.name),
    "display_name": equals(table.c.name),
    "volume_id": equals(table.c.volume_id),
    "no_snapshots": equals(table.c.no_snapshots),
    "source_project_id": equals(table.c.project_id),
}
LISTED_OF_OLD: Final = (*paging.BOUNDS, *paging.OF_PROJECTS, *parameters(_FILTERS))
LISTED: Final = (*paging.from_version(since.TRANSFER_PAGES, paging.paged(_SORT_KEYS)), *LISTED_OF_OLD)
_OLDEST_FIRST: Final = (("created_at", False),)


def index(request: Request) -> Reply:
    """List transfers."""
    return _listing(request, views.summary, has_pages=request.minor >= since.TRANSFER_PAGES)


def detail(request: Request) -> Reply:
    """List transfers with their details."""
    return _listing(request, views.details, has_pages=request.minor >= since.TRANSFER_PAGES)


def index_of_old(request: Request) -> Reply:
    """List transfers, the oldest first."""
    return _listing(request, views.summary, has_pages=False)


def detail_of_old(request: Request) -> Reply:
    """List transfers with their details, the oldest first."""
    return _listing(request, views.details, has_pages=False)


def _listing(request: Request, view: Callable[[Request, AnyRow], dict[str, Any]], *, has_pages: bool) -> Reply:
    request.enforce("volume:get_all_transfers")
    page = _page(request) if has_pages else _old_page(request)
    with request.around.db.read() as tx:
        rows = transfers.list_page(tx, page)
    shown = [view(request, row) for row in rows]
    named_of_old = request._replace(path=f"/{views.COLLECTION}")
    return Reply(paging.listing(named_of_old, "transfers", shown, page, None))


def _page(request: Request) -> Page:
    return paging.page_of(request, _SORT_KEYS, _conditions(request), project_id=paging.listed_project(request))


def _old_page(request: Request) -> Page:
    """Before 3.59: always in the same order, without markers; a limit of 0 is none."""
    query = {name: request.query[name] for name in ("limit", "offset") if name in request.query}
    if query.get("limit") == "0":
        del query["limit"]
    page = paging.page_of(
        request._replace(query=query), _SORT_KEYS, _conditions(request), project_id=paging.listed_project(request)
    )
    return Page(page.project_id, page.limit, page.offset, sort=_OLDEST_FIRST, conditions=page.conditions)


def _conditions(request: Request) -> list[ColumnElement[bool]]:
    paging.check_names(request.query)
    asked = {name: value for name, value in request.query.items() if name not in {*paging.PAGING, "project_id"}}
    return [condition(_FILTERS, name, value) for name, value in asked.items()]


def show(request: Request, id: str) -> Reply:
    """Show a transfer."""
    request.enforce("volume:get_transfer")
    with request.around.db.read() as tx:
        return Reply({"transfer": views.details(request, transfers.get(tx, id, request.scope))})


def create(request: Request) -> Reply:
    """Offer a volume. The key is told in the answer, and never again."""
    return _create(request, takes_encrypted=request.minor >= since.TRANSFER_ENCRYPTED)


def create_of_old(request: Request) -> Reply:
    """Offer a volume with its snapshots. The key is told in the answer, and never again."""
    return _create(request, takes_encrypted=False)


def _create(request: Request, *, takes_encrypted: bool) -> Reply:
    asked = request.body["transfer"]
    volume_id, no_snapshots = asked["volume_id"], to_bool(asked.get("no_snapshots", False))

    def offer(tx: Connection) -> tuple[AnyRow, str]:
        volume = target(tx, request, volume_id, "volume:create_transfer")
        if volume.encryption_key_id is not None:
            _check_encrypted(takes_encrypted=takes_encrypted, no_snapshots=no_snapshots)
        name, rules = text(asked, "name"), request.around.rules
        transfer_id, key = transfer_volume.offer(
            tx, request.caller, rules, volume_id, name=name, no_snapshots=no_snapshots
        )
        return transfers.get(tx, transfer_id, None), key

    row, key = request.around.db.write(offer)
    return Reply({"transfer": {**views.details(request, row), "auth_key": key}})


def _check_encrypted(*, takes_encrypted: bool, no_snapshots: bool) -> None:
    if not takes_encrypted:
        raise Malformed("An encrypted volume can be offered through /volume-transfers, from microversion 3.70 on.")
    if no_snapshots:
        raise Malformed("An encrypted volume can only be offered with its snapshots, which have the same key.")


def accept(request: Request, id: str) -> Reply:
    """Take over a volume that is offered, with its key."""
    request.enforce("volume:accept_transfer")
    key = str(request.body["accept"]["auth_key"])
    around = request.around
    row = around.db.write(lambda tx: transfer_volume.accept(tx, request.caller, around.rules, id, key))
    return Reply({"transfer": views.summary(request, row)})


def delete(request: Request, id: str) -> Reply:
    """Withdraw an offer."""

    def withdraw(tx: Connection) -> None:
        volume_id = transfers.get(tx, id, request.scope).volume_id
        request.enforce("volume:delete_transfer", {"project_id": volumes.get(tx, volume_id, None).project_id})
        transfer_volume.withdraw(tx, request.caller, id)

    request.around.db.write(withdraw)
    return Reply()
