"""How backups look."""

from collections.abc import Sequence
from typing import Any, Final

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.api.views import View, field
from lapilli.api.views.shapes import (
    FLAG,
    LINKS,
    NUMBER,
    NUMBER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Shape,
    always,
    many,
    one,
    whole,
)
from lapilli.db.rows import AnyRow

_ATTRIBUTES: Final = "backup:backup_project_attribute"

_DETAILS: Final = View(
    (
        field("id", shape=TEXT),
        field("status", shape=TEXT),
        field("size", "size_gib", shape=NUMBER),
        field("object_count", shape=NUMBER_OR_NULL),
        field("availability_zone"),
        field("container"),
        field("created_at", shape=TEXT),
        field("updated_at"),
        field("name"),
        field("description"),
        field("fail_reason"),
        field("volume_id"),
        field("is_incremental", lambda row: row.parent_id is not None, shape=FLAG),
        field("has_dependent_backups", shape=FLAG),
        field("snapshot_id"),
        field("data_timestamp"),
        field("os-backup-project-attr:project_id", "project_id", since=since.BACKUP_PROJECT, rule=_ATTRIBUTES),
        field("metadata", since=since.BACKUP_METADATA, shape=TEXTS),
        field("user_id", since=since.BACKUP_USER, rule=_ATTRIBUTES),
    )
)


def _details_shape(minor: int) -> Shape:
    key = {"encryption_key_id": TEXT} if minor >= since.ENCRYPTION_KEY_ID else {}
    return _DETAILS.shape(minor, {"links": LINKS}, key)


_SUMMARY: Final = always(whole({"id": TEXT, "name": TEXT_OR_NULL, "links": LINKS}))
SUMMARIES: Final = many("backups", _SUMMARY, links="backups_links", counted=since.WITH_COUNT)
DETAILS: Final = many("backups", _details_shape, links="backups_links", counted=since.WITH_COUNT)
SHOWN: Final = one("backup", _details_shape)
CHANGED: Final = one("backup", _SUMMARY)
RESTORED: Final = one("restore", always(whole({"backup_id": TEXT, "volume_id": TEXT, "volume_name": TEXT_OR_NULL})))
RECORD: Final = one("backup-record", always(whole({"backup_service": TEXT, "backup_url": TEXT})))


def summaries(request: Request, rows: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """The short form: of a list, and of one that was made or changed."""
    return [{"id": row.id, "name": row.name, "links": request.links("backups", row.id)} for row in rows]


def details(request: Request, rows: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """The full form, of one or of many."""
    show = _DETAILS.for_request(request)
    views = []
    for row in rows:
        view = show(row) | {"links": request.links("backups", row.id)}
        if row.encryption_key_id and request.minor >= since.ENCRYPTION_KEY_ID:
            view["encryption_key_id"] = row.encryption_key_id
        views.append(view)
    return views
