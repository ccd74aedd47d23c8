"""Volume types, and what belongs to them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from lapilli.db.schema.columns import ID, NAME, OPTIONS, TIME, WORD, Json, metadata

volume_types = Table(
    "volume_types",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("description", NAME),
    Column("is_public", Boolean, nullable=False, default=True),
    Column("extra_specs", Json, nullable=False, default=dict),
    Column("qos_specs_id", ID),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    UniqueConstraint("name"),
    Index("ix_volume_types_created_at", "created_at", "id"),
    **OPTIONS,
)

volume_type_projects = Table(
    "volume_type_projects",
    metadata,
    Column("volume_type_id", ID, ForeignKey("volume_types.id", ondelete="CASCADE"), primary_key=True),
    Column("project_id", NAME, primary_key=True),
    **OPTIONS,
)

encryptions = Table(
    "encryptions",
    metadata,
    Column("volume_type_id", ID, ForeignKey("volume_types.id", ondelete="CASCADE"), primary_key=True),
    Column("encryption_id", ID, nullable=False),
    Column("provider", NAME, nullable=False),
    Column("control_location", WORD, nullable=False),
    Column("cipher", NAME),
    Column("key_size", Integer),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    **OPTIONS,
)

qos_specs = Table(
    "qos_specs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("consumer", WORD, nullable=False),
    Column("specs", Json, nullable=False, default=dict),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    UniqueConstraint("name"),
    Index("ix_qos_specs_created_at", "created_at", "id"),
    **OPTIONS,
)

default_types = Table(
    "default_types",
    metadata,
    Column("project_id", NAME, primary_key=True),
    Column("volume_type_id", ID, ForeignKey("volume_types.id"), nullable=False),
    **OPTIONS,
)
