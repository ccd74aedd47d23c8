"""Backups."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from lapilli.db.schema.columns import ID, NAME, OPTIONS, TIME, WORD, Json, by_hand, key, listed_by, metadata, owned

backups = Table(
    "backups",
    metadata,
    *owned(
        Column("volume_id", ID, nullable=False),  # which may be gone
        Column("snapshot_id", ID),
        Column("parent_id", ID, ForeignKey("backups.id")),
    ),
    Column("size_gib", Integer, nullable=False),
    Column("object_count", Integer, nullable=False, default=0),
    Column("status", WORD, nullable=False),
    by_hand(),
    Column("fail_reason", Text),
    Column("container", NAME),
    Column("availability_zone", NAME),
    Column("host", NAME),
    Column("service", NAME),  # the driver that wrote it
    Column("service_metadata", Text),  # what the driver needs to find it again
    Column("data_timestamp", TIME),
    Column("encryption_key_id", ID),
    Column("restore_volume_id", ID),
    Column("temp_volume_id", ID),
    Column("temp_snapshot_id", ID),
    Column("allocated_gib", Integer, nullable=False, default=0),  # what the temporary snapshot may come to need
    Column("metadata", Json, nullable=False, default=dict),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    key("name"),
    key("updated_at"),
    *listed_by("backups", "created_at", "updated_at_key", "name_key", "status", "size_gib", "volume_id"),
    Index("ix_backups_project_id_id", "project_id", "id"),
    Index("ix_backups_parent_id", "parent_id"),
    **OPTIONS,
)

backup_metadata = Table(
    "backup_metadata",
    metadata,
    Column("backup_id", ID, ForeignKey("backups.id", ondelete="CASCADE"), primary_key=True),
    Column("key", NAME, primary_key=True),
    Column("value", NAME, nullable=False),
    Index("ix_backup_metadata_search", "key", "value", "backup_id"),
    **OPTIONS,
)
