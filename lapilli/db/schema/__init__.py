"""The tables. A column is named here, in the questions of its module, and in a view; nowhere else.

Timestamps are text as the wire spells them, so that lists neither parse nor format them. Maps (metadata, extra
specs) are JSON text beside their row, because lists show them whole; what is searched by key has a side table.
Rows of things that are gone are deleted; what happened to them stays in `history`.
"""

from lapilli.db.schema.backups import backup_metadata, backups
from lapilli.db.schema.columns import Json, metadata
from lapilli.db.schema.groups import group_snapshots, group_types, group_volume_types, groups
from lapilli.db.schema.projects import messages, projects, quota_classes, quotas
from lapilli.db.schema.services import accounts, clusters, leftovers, pools, services
from lapilli.db.schema.types import default_types, encryptions, qos_specs, volume_type_projects, volume_types
from lapilli.db.schema.volumes import (
    attachments,
    exports,
    image_cache,
    snapshot_metadata,
    snapshots,
    transfers,
    volume_metadata,
    volumes,
)
from lapilli.db.schema.work import decisions, history, holds, notifications, operations, sources

__all__ = [
    "Json",
    "accounts",
    "attachments",
    "backup_metadata",
    "backups",
    "clusters",
    "decisions",
    "default_types",
    "encryptions",
    "exports",
    "group_snapshots",
    "group_types",
    "group_volume_types",
    "groups",
    "history",
    "holds",
    "image_cache",
    "leftovers",
    "messages",
    "metadata",
    "notifications",
    "operations",
    "pools",
    "projects",
    "qos_specs",
    "quota_classes",
    "quotas",
    "services",
    "snapshot_metadata",
    "snapshots",
    "sources",
    "transfers",
    "volume_metadata",
    "volume_type_projects",
    "volume_types",
    "volumes",
]
