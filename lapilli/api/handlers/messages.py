"""Messages: what the project is told of failures that came after the answer."""

from typing import Final

from sqlalchemy import Connection

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.filters import condition, contains, equals, parameters
from lapilli.api.request import Reply, Request
from lapilli.api.views.messages import message
from lapilli.db import messages
from lapilli.db.schema import messages as table

_KEYS: Final = ("id", "event_id", "resource_uuid", "resource_type", "request_id", "message_level", "created_at")
_SORT_KEYS: Final = {key: key for key in _KEYS if key != "message_level"}
_FILTERS: Final = {
    **{key: equals(table.c[key]) for key in _KEYS},
    **{f"{key}~": contains(table.c[key]) for key in _KEYS},
}
LISTED: Final = paging.from_version(since.MESSAGE_PAGES, (*paging.paged(_SORT_KEYS), *parameters(_FILTERS, "message")))


def index(request: Request) -> Reply:
    """List messages."""
    request.enforce("message:get_all")
    paging.check_names(request.query)
    if request.minor < since.MESSAGE_PAGES:  # the query says nothing yet
        request = request._replace(query={})
    asked = paging.check_filters(request, "message")
    conditions = [condition(_FILTERS, name, value) for name, value in asked.items()]
    page = paging.page_of(request, _SORT_KEYS, conditions, project_id=request.caller.project_id)
    with request.around.db.read() as tx:
        rows = messages.list_page(tx, page)
    return Reply(paging.listing(request, "messages", [message(request, row) for row in rows], page, None))


def show(request: Request, id: str) -> Reply:
    """Show a message."""
    with request.around.db.read() as tx:
        row = messages.get(tx, id, request.scope)
    request.enforce("message:get", {"project_id": row.project_id})
    return Reply({"message": message(request, row)})


def delete(request: Request, id: str) -> Reply:
    """Delete a message."""

    def remove(tx: Connection) -> None:
        row = messages.get(tx, id, request.scope)
        request.enforce("message:delete", {"project_id": row.project_id})
        messages.remove(tx, id)

    request.around.db.write(remove)
    return Reply()
