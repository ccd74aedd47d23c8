"""The services, and the storage that they offer."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from lapilli.db.schema.columns import ID, NAME, OPTIONS, TIME, WORD, Json, metadata

services = Table(
    "services",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uuid", ID, nullable=False),
    Column("binary", WORD, nullable=False),
    Column("host", NAME, nullable=False),
    Column("availability_zone", NAME, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("disabled_reason", NAME),
    Column("frozen", Boolean, nullable=False, default=False),
    Column("replication_status", WORD),
    Column("active_backend_id", NAME),
    Column("backend_state", WORD),
    Column("cluster_name", NAME),
    Column("log_levels", Json),  # what each logger of its process logs from
    Column("wanted_log_levels", Json),  # what an administrator set, by the beginning of the loggers' names
    Column("trouble", Text),  # why the backend cannot be used now, for people
    Column("heartbeat_s", Double, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    UniqueConstraint("binary", "host"),
    UniqueConstraint("uuid"),
    **OPTIONS,
)

clusters = Table(
    "clusters",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", NAME, nullable=False),
    Column("binary", WORD, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("disabled_reason", NAME),
    Column("frozen", Boolean, nullable=False, default=False),
    Column("replication_status", WORD),
    Column("active_backend_id", NAME),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    UniqueConstraint("name", "binary"),
    **OPTIONS,
)

accounts = Table(
    "accounts",
    metadata,
    # A space that pools draw on. Two pools on one volume group share an account, and it is counted once.
    Column("id", NAME, primary_key=True),
    Column("total_gib", Double, nullable=False),
    Column("free_gib", Double, nullable=False),
    Column("allocated_gib", Integer, nullable=False, default=0),
    # What was allocated when total and free were read: since then, free has shrunk by the difference at most.
    Column("allocated_gib_at_report", Integer, nullable=False, default=0),
    Column("reported_s", Double, nullable=False),
    CheckConstraint("allocated_gib >= 0", name="allocated"),
    **OPTIONS,
)

pools = Table(
    "pools",
    metadata,
    Column("name", NAME, primary_key=True),  # host@backend#pool
    Column("service", NAME, nullable=False),  # host@backend
    Column("account", NAME, ForeignKey("accounts.id"), nullable=False),
    Column("allocated_gib", Integer, nullable=False, default=0),
    Column("volume_count", Integer, nullable=False, default=0),
    Column("capabilities", Json, nullable=False, default=dict),
    Column("reported_s", Double, nullable=False),
    CheckConstraint("allocated_gib >= 0", name="allocated"),
    Index("ix_pools_service", "service"),
    **OPTIONS,
)

leftovers = Table(
    "leftovers",
    metadata,
    # Space whose volume or snapshot is gone, and which its pool has not got back yet: the operation sees to that.
    Column("operation", ID, ForeignKey("operations.id"), primary_key=True),
    Column("pool", NAME, nullable=False),
    Column("size_gib", Integer, nullable=False),
    **OPTIONS,
)
