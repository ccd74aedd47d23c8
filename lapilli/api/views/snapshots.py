"""How snapshots look."""

from typing import Final

from lapilli.api.views import View, field

_ATTRIBUTES: Final = "volume_extension:extended_snapshot_attributes"

SUMMARY: Final = View(
    (
        field("id"),
        field("created_at"),
        field("updated_at"),
        field("name"),
        field("description"),
        field("volume_id"),
        field("status"),
        field("size", "size_gib"),
        field("metadata"),
    )
)
SNAPSHOT: Final = View(
    (
        *SUMMARY.fields,
        field("group_snapshot_id", since=14),
        field("user_id", since=41),
        field("consumes_quota", since=65),
    )
)
"""The answer to a create or an update."""

DETAILS: Final = View(
    (
        *SNAPSHOT.fields,
        field("os-extended-snapshot-attributes:progress", "progress", rule=_ATTRIBUTES),
        field("os-extended-snapshot-attributes:project_id", "project_id", rule=_ATTRIBUTES),
    )
)
