"""How snapshots look."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.views import View, field
from lapilli.api.views.shapes import FLAG, NUMBER, TEXT, TEXTS, many, one

_ATTRIBUTES: Final = "volume_extension:extended_snapshot_attributes"

SUMMARY: Final = View(
    (
        field("id", shape=TEXT),
        field("created_at", shape=TEXT),
        field("updated_at"),
        field("name"),
        field("description"),
        field("volume_id", shape=TEXT),
        field("status", shape=TEXT),
        field("size", "size_gib", shape=NUMBER),
        field("metadata", shape=TEXTS),
    )
)
SNAPSHOT: Final = View(
    (
        *SUMMARY.fields,
        field("group_snapshot_id", since=since.GROUP_SNAPSHOTS),
        field("user_id", since=since.SNAPSHOT_USER),
        field("consumes_quota", since=since.CONSUMES_QUOTA, shape=FLAG),
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

SUMMARIES: Final = many("snapshots", SUMMARY.shape, links="snapshots_links", counted=since.WITH_COUNT)
LISTED: Final = many("snapshots", DETAILS.shape, links="snapshots_links", counted=since.WITH_COUNT)
SHOWN: Final = one("snapshot", DETAILS.shape)
CHANGED: Final = one("snapshot", SNAPSHOT.shape)
MANAGED: Final = one("snapshot", SUMMARY.shape)
