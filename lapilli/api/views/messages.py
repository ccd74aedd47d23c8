"""How messages look."""

from datetime import datetime, timedelta
from typing import Any, Final

from lapilli.api.request import Request
from lapilli.api.views.shapes import LINKS, TEXT, TEXT_OR_NULL, always, whole
from lapilli.db.rows import AnyRow
from lapilli.model.messages import words

MESSAGE: Final = always(
    whole(
        {
            "id": TEXT,
            "event_id": TEXT,
            "user_message": TEXT,
            "message_level": TEXT,
            "created_at": TEXT,
            "guaranteed_until": TEXT,
            "request_id": TEXT_OR_NULL,
            "links": LINKS,
        },
        {"resource_type": TEXT, "resource_uuid": TEXT},
    )
)


def message(request: Request, row: AnyRow) -> dict[str, Any]:
    """A message; the resource is left out where there is none."""
    until = datetime.fromisoformat(row.created_at) + timedelta(seconds=request.around.message_ttl_s)
    view = {
        "id": row.id,
        "event_id": row.event_id,
        "user_message": words(row.action_id, row.detail_id),
        "message_level": row.message_level,
        "created_at": row.created_at,
        "guaranteed_until": until.isoformat(timespec="microseconds"),
        "request_id": row.request_id,
        "links": request.links("messages", row.id),
    }
    of = {"resource_type": row.resource_type, "resource_uuid": row.resource_uuid}
    return view | {name: value for name, value in of.items() if value}
