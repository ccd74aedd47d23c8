"""Questions about messages to users, and how one is left. `scope` is as in `db.volumes`."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import messages
from lapilli.db.scoped import Scoped
from lapilli.model.messages import Action, Detail, Level, Resource, event_id

COLUMNS = tuple(messages.c)

_scoped = Scoped(messages, COLUMNS, "Message")
find, get = _scoped.find, _scoped.get
_ADDING = insert(messages).values(created_at=now_text())


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The messages of a page, with the columns of `get`."""
    return listing.rows_of(tx, messages, COLUMNS, page, "Message")


def leave(
    tx: Connection,
    resource: Resource,
    id: str,
    action: Action,
    detail: Detail,
    *,
    project_id: str | None,
    request_id: str | None,
    level: Level = Level.ERROR,
) -> None:
    """Tell the project what became of its resource. Nobody is told of what has no project."""
    if project_id is None:
        return
    row = {
        "id": str(uuid.uuid4()),
        "project_id": project_id,
        "action_id": action.id,
        "detail_id": detail.id,
        "resource_type": resource.value,
        "resource_uuid": id,
        "event_id": event_id(resource, action, detail),
        "message_level": level.value,
        "request_id": request_id,
    }
    tx.execute(_ADDING, row)


def remove(tx: Connection, id: str) -> None:
    """Delete a message."""
    tx.execute(delete(messages).where(messages.c.id == id))
