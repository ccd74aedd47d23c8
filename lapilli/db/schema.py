"""The tables. A column is named here, in the questions of its module, and in a view; nowhere else.

Timestamps are text as the wire spells them, so that lists neither parse nor format them. Maps (metadata, extra
specs) are JSON text beside their row, because lists show them whole; what is searched by key has a side table.
Rows of things that are gone are deleted; what happened to them stays in `history`.
"""

from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import LONGTEXT

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Json(TypeDecorator[Any]):
    """A JSON value as text."""

    impl = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else _encode(value).decode()

    def process_result_value(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002
        return None if value is None else _decode(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# Names compare byte by byte on every database.
_OPTIONS: dict[str, Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}

_ID = String(36)
_NAME = String(255)
_TIME = String(26)
_WORD = String(64)


def _key(of: str) -> Column[str]:
    """A column to sort by: `of` with NULL as the lowest value, the same on every database, so that pages can resume."""
    return Column(f"{of}_key", _NAME, Computed(f"coalesce({of}, '')", persisted=True))


def _listed_by(table: str, *columns: str) -> list[Index]:
    """Indexes that serve a list sorted or filtered by each column, of one project and of all.

    The order is Cinder's: the column, then created_at, then id.
    """
    rest = ("created_at", "id")
    return [
        Index(f"ix_{table}_{scope}{column}", *prefix, column, *(name for name in rest if name != column))
        for column in columns
        for scope, prefix in (("project_", ("project_id",)), ("", ()))
    ]


volumes = Table(
    "volumes",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("project_id", _NAME, nullable=False),
    Column("user_id", _NAME, nullable=False),
    Column("name", _NAME),
    Column("description", _NAME),
    Column("size_gib", Integer, nullable=False),
    Column("charged_gib", Integer, nullable=False),  # what quotas count: while it is extended, the size to come
    Column("status", _WORD, nullable=False),
    Column("previous_status", _WORD),
    Column("attach_status", _WORD, nullable=False, default="detached"),
    Column("migration_status", _NAME),
    Column("replication_status", _WORD),
    Column("volume_type_id", _ID, ForeignKey("volume_types.id"), nullable=False),
    Column("availability_zone", _NAME),
    Column("host", _NAME),  # host@backend#pool, null until placed
    Column("service_uuid", _ID),
    Column("snapshot_id", _ID),
    Column("source_volid", _ID),
    Column("group_id", _ID),
    Column("provider_id", _NAME),
    Column("encryption_key_id", _ID),
    Column("bootable", Boolean, nullable=False, default=False),
    Column("multiattach", Boolean, nullable=False, default=False),
    Column("consumes_quota", Boolean, nullable=False, default=True),
    Column("metadata", Json, nullable=False, default=dict),
    Column("admin_metadata", Json, nullable=False, default=dict),
    Column("image_metadata", Json, nullable=False, default=dict),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME),
    Column("launched_at", _TIME),
    _key("name"),
    _key("availability_zone"),
    _key("updated_at"),
    _key("host"),
    CheckConstraint("size_gib >= 0", name="size"),
    *_listed_by("volumes", "created_at", "updated_at_key", "name_key", "status", "size_gib", "availability_zone_key"),
    *_listed_by("volumes", "bootable", "host_key", "volume_type_id"),
    Index("ix_volumes_project_id_id", "project_id", "id"),
    Index("ix_volumes_usage", "project_id", "consumes_quota", "volume_type_id", "charged_gib"),
    Index("ix_volumes_snapshot_id", "snapshot_id"),
    Index("ix_volumes_source_volid", "source_volid"),
    Index("ix_volumes_group_id", "group_id"),
    Index("ix_volumes_migration_status", "migration_status"),
    **_OPTIONS,
)

volume_metadata = Table(
    "volume_metadata",
    metadata,
    Column("volume_id", _ID, ForeignKey("volumes.id", ondelete="CASCADE"), primary_key=True),
    Column("key", _NAME, primary_key=True),
    Column("value", _NAME, nullable=False),
    Index("ix_volume_metadata_search", "key", "value", "volume_id"),
    **_OPTIONS,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("project_id", _NAME, nullable=False),
    Column("user_id", _NAME, nullable=False),
    Column("volume_id", _ID, ForeignKey("volumes.id"), nullable=False),
    Column("volume_type_id", _ID, nullable=False),
    Column("name", _NAME),
    Column("description", _NAME),
    Column("size_gib", Integer, nullable=False),
    Column("allocated_gib", Integer, nullable=False, default=0),  # what it takes of the pool's account
    Column("status", _WORD, nullable=False),
    Column("progress", _WORD),
    Column("group_snapshot_id", _ID),
    Column("consumes_quota", Boolean, nullable=False, default=True),
    Column("metadata", Json, nullable=False, default=dict),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME),
    _key("name"),
    _key("updated_at"),
    *_listed_by("snapshots", "created_at", "updated_at_key", "name_key", "status", "size_gib", "volume_id"),
    Index("ix_snapshots_project_id_id", "project_id", "id"),
    Index("ix_snapshots_usage", "project_id", "consumes_quota", "volume_type_id", "size_gib"),
    **_OPTIONS,
)

snapshot_metadata = Table(
    "snapshot_metadata",
    metadata,
    Column("snapshot_id", _ID, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True),
    Column("key", _NAME, primary_key=True),
    Column("value", _NAME, nullable=False),
    Index("ix_snapshot_metadata_search", "key", "value", "snapshot_id"),
    **_OPTIONS,
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("volume_id", _ID, ForeignKey("volumes.id"), nullable=False),
    Column("project_id", _NAME, nullable=False),
    Column("instance_id", _ID),
    Column("host_name", _NAME),
    Column("mountpoint", _NAME),
    Column("status", _WORD, nullable=False),
    Column("attach_mode", _WORD),
    Column("connector", Json),
    Column("connection_info", Json),
    Column("attached_at", _TIME),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME),
    *_listed_by("attachments", "created_at", "status", "instance_id"),
    Index("ix_attachments_volume_id", "volume_id", "created_at", "id"),
    Index("ix_attachments_project_id_id", "project_id", "id"),
    **_OPTIONS,
)

exports = Table(
    "exports",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("volume_id", _ID, ForeignKey("volumes.id"), nullable=False),
    Column("username", _WORD, nullable=False),
    Column("password", _WORD, nullable=False),
    UniqueConstraint("volume_id"),
    sqlite_autoincrement=True,  # a number is not used again: a stale initiator never meets another volume
    **_OPTIONS,
)

volume_types = Table(
    "volume_types",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", _NAME, nullable=False),
    Column("description", _NAME),
    Column("is_public", Boolean, nullable=False, default=True),
    Column("extra_specs", Json, nullable=False, default=dict),
    Column("qos_specs_id", _ID),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME),
    UniqueConstraint("name"),
    Index("ix_volume_types_created_at", "created_at", "id"),
    **_OPTIONS,
)

volume_type_projects = Table(
    "volume_type_projects",
    metadata,
    Column("volume_type_id", _ID, ForeignKey("volume_types.id", ondelete="CASCADE"), primary_key=True),
    Column("project_id", _NAME, primary_key=True),
    **_OPTIONS,
)

projects = Table(
    "projects",
    metadata,
    # The row that a transaction takes first when it changes what a project uses, so that two never count at once.
    Column("id", _NAME, primary_key=True),
    Column("turn", Integer, nullable=False, default=0),
    **_OPTIONS,
)

quotas = Table(
    "quotas",
    metadata,
    Column("project_id", _NAME, primary_key=True),
    Column("resource", _NAME, primary_key=True),
    Column("hard_limit", Integer, nullable=False),
    **_OPTIONS,
)

quota_classes = Table(
    "quota_classes",
    metadata,
    Column("class_name", _NAME, primary_key=True),
    Column("resource", _NAME, primary_key=True),
    Column("hard_limit", Integer, nullable=False),
    **_OPTIONS,
)

services = Table(
    "services",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uuid", _ID, nullable=False),
    Column("binary", _WORD, nullable=False),
    Column("host", _NAME, nullable=False),
    Column("availability_zone", _NAME, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("disabled_reason", _NAME),
    Column("frozen", Boolean, nullable=False, default=False),
    Column("replication_status", _WORD),
    Column("active_backend_id", _NAME),
    Column("backend_state", _WORD),
    Column("trouble", Text),  # why the backend cannot be used now, for people
    Column("heartbeat_s", Double, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME),
    UniqueConstraint("binary", "host"),
    UniqueConstraint("uuid"),
    **_OPTIONS,
)

accounts = Table(
    "accounts",
    metadata,
    # A space that pools draw on. Two pools on one volume group share an account, and it is counted once.
    Column("id", _NAME, primary_key=True),
    Column("total_gib", Double, nullable=False),
    Column("free_gib", Double, nullable=False),
    Column("allocated_gib", Integer, nullable=False, default=0),
    # What was allocated when total and free were read: since then, free has shrunk by the difference at most.
    Column("allocated_gib_at_report", Integer, nullable=False, default=0),
    Column("reported_s", Double, nullable=False),
    CheckConstraint("allocated_gib >= 0", name="allocated"),
    **_OPTIONS,
)

pools = Table(
    "pools",
    metadata,
    Column("name", _NAME, primary_key=True),  # host@backend#pool
    Column("service", _NAME, nullable=False),  # host@backend
    Column("account", _NAME, ForeignKey("accounts.id"), nullable=False),
    Column("allocated_gib", Integer, nullable=False, default=0),
    Column("volume_count", Integer, nullable=False, default=0),
    Column("capabilities", Json, nullable=False, default=dict),
    Column("reported_s", Double, nullable=False),
    CheckConstraint("allocated_gib >= 0", name="allocated"),
    Index("ix_pools_service", "service"),
    **_OPTIONS,
)

operations = Table(
    "operations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", _WORD, nullable=False),
    Column("subject", _NAME, nullable=False),  # the id of what is moved
    Column("source", _NAME),  # the id of what is read, which must stay until the operation has finished
    Column("project_id", _NAME),
    Column("args", Json, nullable=False, default=dict),
    Column("queue", _NAME, nullable=False),
    Column("step", _WORD, nullable=False),
    Column("due_at", Double),  # when to look next: its time, the end of the lease, or null when finished
    Column("attempt", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("progress", _NAME),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("outcome", _WORD),  # done, failed, refused, cancelled; null while it lives
    Column("result", Json),
    Column("worker", _NAME),
    Column("request_id", _WORD),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME),
    Column("finished_at", _TIME),
    Index("ix_operations_due", "queue", "due_at"),
    Index("ix_operations_subject", "subject"),
    Index("ix_operations_source", "source", "outcome"),
    Index("ix_operations_finished", "finished_at"),
    Index("ix_operations_created_at", "created_at", "id"),
    **_OPTIONS,
)

holds = Table(
    "holds",
    metadata,
    Column("resource", _NAME, primary_key=True),
    Column("operation", _ID, ForeignKey("operations.id", ondelete="CASCADE"), nullable=False),
    Index("ix_holds_operation", "operation"),
    **_OPTIONS,
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", _TIME, nullable=False),
    Column("kind", _WORD, nullable=False),
    Column("resource", _ID, nullable=False),
    Column("event", _WORD, nullable=False),
    Column("status", _WORD, nullable=False),
    Column("detail", Json),
    Index("ix_history_resource", "resource", "id"),
    Index("ix_history_at", "at"),
    **_OPTIONS,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("operation", _ID, nullable=False),
    Column("resource", _ID, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("chosen", _NAME),
    Column("explanation", Json, nullable=False),
    Index("ix_decisions_resource", "resource", "id"),
    Index("ix_decisions_at", "at"),
    **_OPTIONS,
)
