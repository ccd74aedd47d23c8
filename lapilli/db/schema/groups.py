"""Groups of volumes."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, UniqueConstraint

from lapilli.db.schema.columns import ID, NAME, OPTIONS, TIME, WORD, Json, by_hand, key, listed_by, metadata, owned

group_types = Table(
    "group_types",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("description", NAME),
    Column("is_public", Boolean, nullable=False, default=True),
    Column("group_specs", Json, nullable=False, default=dict),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    UniqueConstraint("name"),
    Index("ix_group_types_created_at", "created_at", "id"),
    **OPTIONS,
)

groups = Table(
    "groups",
    metadata,
    *owned(),
    Column("status", WORD, nullable=False),
    by_hand(),
    Column("availability_zone", NAME),
    Column("host", NAME),  # host@backend#pool, null until placed
    Column("cluster_name", NAME),
    Column("group_type_id", ID, ForeignKey("group_types.id"), nullable=False),
    Column("group_snapshot_id", ID),
    Column("source_group_id", ID),
    Column("replication_status", WORD),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    key("name"),
    key("updated_at"),
    *listed_by("groups", "created_at", "updated_at_key", "name_key", "status"),
    Index("ix_groups_project_id_id", "project_id", "id"),
    **OPTIONS,
)

group_volume_types = Table(
    "group_volume_types",
    metadata,
    Column("group_id", ID, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("volume_type_id", ID, ForeignKey("volume_types.id"), primary_key=True),
    **OPTIONS,
)

group_snapshots = Table(
    "group_snapshots",
    metadata,
    *owned(
        Column("group_id", ID, ForeignKey("groups.id"), nullable=False),
        Column("group_type_id", ID, nullable=False),
    ),
    Column("status", WORD, nullable=False),
    by_hand(),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    key("name"),
    key("updated_at"),
    *listed_by("group_snapshots", "created_at", "updated_at_key", "name_key", "status", "group_id"),
    Index("ix_group_snapshots_project_id_id", "project_id", "id"),
    **OPTIONS,
)
