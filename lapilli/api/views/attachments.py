"""How attachments look."""

from typing import Any, Final

from lapilli.api.views.shapes import FLAG, OBJECT, TEXT, TEXT_OR_NULL, always, many, one, whole
from lapilli.db.rows import AnyRow

_SUMMARY: Final = {"id": TEXT, "status": TEXT, "instance": TEXT_OR_NULL, "volume_id": TEXT}
_DETAILS: Final = always(
    whole(
        {
            **_SUMMARY,
            **dict.fromkeys(("attached_at", "detached_at", "attach_mode"), TEXT),
            "connection_info": OBJECT,
        }
    )
)
SUMMARIES: Final = many("attachments", always(whole(_SUMMARY)))
DETAILS: Final = many("attachments", _DETAILS)
SHOWN: Final = one("attachment", _DETAILS)

CONNECTION: Final = one(
    "connection_info", always(whole({"driver_volume_type": TEXT, "data": OBJECT, "enforce_multipath": FLAG}))
)
"""The answer to `os-initialize_connection`."""


def summary(row: AnyRow) -> dict[str, Any]:
    """The short form."""
    return {"id": row.id, "status": row.status, "instance": row.instance_id, "volume_id": row.volume_id}


def details(row: AnyRow) -> dict[str, Any]:
    """The full form. Cinder shows times that are not known as empty text, and an unknown mode as the word null."""
    return {
        **summary(row),
        "attached_at": row.attached_at or "",
        "detached_at": "",
        "attach_mode": row.attach_mode or "null",
        "connection_info": row.connection_info or {},
    }
