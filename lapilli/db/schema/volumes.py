"""Volumes, and what is made of them and done with them."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from lapilli.db.schema.columns import ID, NAME, OPTIONS, TIME, WORD, Json, by_hand, key, listed_by, metadata, owned

volumes = Table(
    "volumes",
    metadata,
    *owned(),
    Column("size_gib", Integer, nullable=False),
    Column("charged_gib", Integer, nullable=False),  # what quotas count: while it is extended, the size to come
    Column("status", WORD, nullable=False),
    by_hand(),
    Column("previous_status", WORD),
    Column("attach_status", WORD, nullable=False, default="detached"),
    Column("migration_status", NAME),
    Column("replication_status", WORD),
    Column("volume_type_id", ID, ForeignKey("volume_types.id"), nullable=False),
    Column("availability_zone", NAME),
    Column("host", NAME),  # host@backend#pool, null until placed
    Column("destination", NAME),  # the pool that it moves to, where its space is reserved; null unless it moves
    Column("new_type_id", ID),  # the type that it is to have, whose quota it counts in already; null unless retyped
    Column("service_uuid", ID),
    Column("cluster_name", NAME),
    Column("snapshot_id", ID),
    Column("source_volid", ID),
    Column("group_id", ID),
    Column("provider_id", NAME),
    Column("encryption_key_id", ID),
    Column("bootable", Boolean, nullable=False, default=False),
    Column("multiattach", Boolean, nullable=False, default=False),
    Column("consumes_quota", Boolean, nullable=False, default=True),
    Column("metadata", Json, nullable=False, default=dict),
    Column("admin_metadata", Json, nullable=False, default=dict),
    Column("image_metadata", Json, nullable=False, default=dict),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    Column("launched_at", TIME),
    key("name"),
    key("availability_zone"),
    key("updated_at"),
    key("host"),
    CheckConstraint("size_gib >= 0", name="size"),
    *listed_by("volumes", "created_at", "updated_at_key", "name_key", "status", "size_gib", "availability_zone_key"),
    *listed_by("volumes", "bootable", "host_key", "volume_type_id"),
    Index("ix_volumes_project_id_id", "project_id", "id"),
    Index("ix_volumes_usage", "project_id", "consumes_quota", "volume_type_id", "charged_gib"),
    Index("ix_volumes_snapshot_id", "snapshot_id"),
    Index("ix_volumes_source_volid", "source_volid"),
    Index("ix_volumes_group_id", "group_id"),
    Index("ix_volumes_migration_status", "migration_status"),
    Index("ix_volumes_destination", "destination"),
    Index("ix_volumes_new_type_id", "project_id", "new_type_id"),
    **OPTIONS,
)

volume_metadata = Table(
    "volume_metadata",
    metadata,
    Column("volume_id", ID, ForeignKey("volumes.id", ondelete="CASCADE"), primary_key=True),
    Column("key", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_volume_metadata_search", "key", "value", "volume_id"),
    **OPTIONS,
)

snapshots = Table(
    "snapshots",
    metadata,
    *owned(
        Column("volume_id", ID, ForeignKey("volumes.id"), nullable=False),
        Column("volume_type_id", ID, nullable=False),
    ),
    Column("size_gib", Integer, nullable=False),
    Column("allocated_gib", Integer, nullable=False, default=0),  # what it takes of the pool's account
    Column("status", WORD, nullable=False),
    by_hand(),
    Column("progress", WORD),
    Column("group_snapshot_id", ID),
    Column("consumes_quota", Boolean, nullable=False, default=True),
    Column("metadata", Json, nullable=False, default=dict),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    key("name"),
    key("updated_at"),
    *listed_by("snapshots", "created_at", "updated_at_key", "name_key", "status", "size_gib", "volume_id"),
    Index("ix_snapshots_project_id_id", "project_id", "id"),
    Index("ix_snapshots_group_snapshot_id", "group_snapshot_id"),
    Index("ix_snapshots_usage", "project_id", "consumes_quota", "volume_type_id", "size_gib"),
    **OPTIONS,
)

snapshot_metadata = Table(
    "snapshot_metadata",
    metadata,
    Column("snapshot_id", ID, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True),
    Column("key", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_snapshot_metadata_search", "key", "value", "snapshot_id"),
    **OPTIONS,
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("volume_id", ID, ForeignKey("volumes.id"), nullable=False),
    Column("project_id", NAME, nullable=False),
    Column("instance_id", ID),
    Column("host_name", NAME),
    Column("mountpoint", NAME),
    Column("status", WORD, nullable=False),
    Column("attach_mode", WORD),
    Column("connector", Json),
    Column("connection_info", Json),
    Column("attached_at", TIME),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    *listed_by("attachments", "created_at", "status", "instance_id"),
    Index("ix_attachments_volume_id", "volume_id", "created_at", "id"),
    Index("ix_attachments_project_id_id", "project_id", "id"),
    **OPTIONS,
)

exports = Table(
    "exports",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("volume_id", ID, ForeignKey("volumes.id"), nullable=False),
    Column("username", WORD, nullable=False),
    Column("password", WORD, nullable=False),
    UniqueConstraint("volume_id"),
    sqlite_autoincrement=True,  # a number is not used again: a stale initiator never meets another volume
    **OPTIONS,
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("volume_id", ID, ForeignKey("volumes.id", ondelete="CASCADE"), nullable=False),
    Column("project_id", NAME, nullable=False),  # who gives; who may take is whoever knows the key
    Column("name", NAME),
    Column("salt", WORD, nullable=False),
    Column("key_digest", WORD, nullable=False),
    Column("no_snapshots", Boolean, nullable=False, default=False),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    key("name"),
    UniqueConstraint("volume_id"),
    *listed_by("transfers", "created_at", "name_key"),
    Index("ix_transfers_project_id_id", "project_id", "id"),
    **OPTIONS,
)

image_cache = Table(
    "image_cache",
    metadata,
    # A volume that holds an image's bytes, to be cloned instead of downloading them again.
    Column("volume_id", ID, ForeignKey("volumes.id", ondelete="CASCADE"), primary_key=True),
    Column("image_id", ID, nullable=False),
    Column("image_updated_at", TIME, nullable=False),
    Column("service", NAME, nullable=False),  # host@backend
    Column("size_gib", Integer, nullable=False),
    Column("used_at", TIME, nullable=False),
    UniqueConstraint("service", "image_id"),
    **OPTIONS,
)
