"""How attachments look."""

from typing import Any

from lapilli.db.rows import AnyRow


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
