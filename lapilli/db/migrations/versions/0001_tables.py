"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001_tables"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915 - as long as the tables are many
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("total_gib", sa.Double(), nullable=False),
        sa.Column("free_gib", sa.Double(), nullable=False),
        sa.Column("allocated_gib", sa.Integer(), nullable=False),
        sa.Column("allocated_gib_at_report", sa.Integer(), nullable=False),
        sa.Column("reported_s", sa.Double(), nullable=False),
        sa.CheckConstraint("allocated_gib >= 0", name=op.f("ck_accounts_allocated")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "backups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("volume_id", sa.String(length=36), nullable=False),
        sa.Column("snapshot_id", sa.String(length=36), nullable=True),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("size_gib", sa.Integer(), nullable=False),
        sa.Column("object_count", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("fail_reason", sa.Text(), nullable=True),
        sa.Column("container", sa.String(length=255), nullable=True),
        sa.Column("availability_zone", sa.String(length=255), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("service", sa.String(length=255), nullable=True),
        sa.Column("service_metadata", sa.Text(), nullable=True),
        sa.Column("data_timestamp", sa.String(length=26), nullable=True),
        sa.Column("encryption_key_id", sa.String(length=36), nullable=True),
        sa.Column("restore_volume_id", sa.String(length=36), nullable=True),
        sa.Column("temp_volume_id", sa.String(length=36), nullable=True),
        sa.Column("temp_snapshot_id", sa.String(length=36), nullable=True),
        sa.Column("allocated_gib", sa.Integer(), nullable=False),
        sa.Column("metadata", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.Column("name_key", sa.String(length=255), sa.Computed("coalesce(name, '')", persisted=True), nullable=True),
        sa.Column(
            "updated_at_key",
            sa.String(length=255),
            sa.Computed("coalesce(updated_at, '')", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["backups.id"], name=op.f("fk_backups_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backups")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_backups_created_at", "backups", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_backups_name_key", "backups", ["name_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_backups_parent_id", "backups", ["parent_id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_backups_project_created_at", "backups", ["project_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_backups_project_id_id", "backups", ["project_id", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_backups_project_name_key",
        "backups",
        ["project_id", "name_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_backups_project_size_gib",
        "backups",
        ["project_id", "size_gib", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_backups_project_status",
        "backups",
        ["project_id", "status", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_backups_project_updated_at_key",
        "backups",
        ["project_id", "updated_at_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_backups_project_volume_id",
        "backups",
        ["project_id", "volume_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_backups_size_gib", "backups", ["size_gib", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_backups_status", "backups", ["status", "created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_backups_updated_at_key", "backups", ["updated_at_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_backups_volume_id", "backups", ["volume_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "clusters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("binary", sa.String(length=64), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=255), nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("replication_status", sa.String(length=64), nullable=True),
        sa.Column("active_backend_id", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
        sa.UniqueConstraint("name", "binary", name=op.f("uq_clusters_name_binary")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("operation", sa.String(length=36), nullable=False),
        sa.Column("resource", sa.String(length=36), nullable=False),
        sa.Column("at", sa.String(length=26), nullable=False),
        sa.Column("chosen", sa.String(length=255), nullable=True),
        sa.Column("explanation", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_decisions_at", "decisions", ["at"], unique=False, if_not_exists=True)
    op.create_index("ix_decisions_resource", "decisions", ["resource", "id"], unique=False, if_not_exists=True)
    op.create_table(
        "group_types",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("group_specs", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_types")),
        sa.UniqueConstraint("name", name=op.f("uq_group_types_name")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_group_types_created_at", "group_types", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=36), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_history_at", "history", ["at"], unique=False, if_not_exists=True)
    op.create_index("ix_history_resource", "history", ["resource", "id"], unique=False, if_not_exists=True)
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("action_id", sa.String(length=64), nullable=False),
        sa.Column("detail_id", sa.String(length=64), nullable=False),
        sa.Column("resource_type", sa.String(length=64), nullable=True),
        sa.Column("resource_uuid", sa.String(length=36), nullable=True),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("message_level", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_messages_created_at", "messages", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_messages_event_id", "messages", ["event_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_messages_project_created_at",
        "messages",
        ["project_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_messages_project_event_id",
        "messages",
        ["project_id", "event_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index("ix_messages_project_id_id", "messages", ["project_id", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_messages_project_resource_uuid",
        "messages",
        ["project_id", "resource_uuid", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_messages_resource_uuid", "messages", ["resource_uuid", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("event_type", sa.String(length=64), nullable=False),
        sa.Column("publisher_id", sa.String(length=255), nullable=False),
        sa.Column("priority", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_notifications_due_at", "notifications", ["due_at"], unique=False, if_not_exists=True)
    op.create_table(
        "operations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("project_id", sa.String(length=255), nullable=True),
        sa.Column("args", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("queue", sa.String(length=255), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("progress", sa.String(length=255), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("result", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=True),
        sa.Column("worker", sa.String(length=255), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.Column("finished_at", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_operations_created_at", "operations", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index("ix_operations_due", "operations", ["queue", "due_at"], unique=False, if_not_exists=True)
    op.create_index("ix_operations_finished", "operations", ["finished_at"], unique=False, if_not_exists=True)
    op.create_index("ix_operations_subject", "operations", ["subject"], unique=False, if_not_exists=True)
    op.create_table(
        "projects",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "qos_specs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("consumer", sa.String(length=64), nullable=False),
        sa.Column("specs", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qos_specs")),
        sa.UniqueConstraint("name", name=op.f("uq_qos_specs_name")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_qos_specs_created_at", "qos_specs", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_table(
        "quota_classes",
        sa.Column("class_name", sa.String(length=255), nullable=False),
        sa.Column("resource", sa.String(length=255), nullable=False),
        sa.Column("hard_limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("class_name", "resource", name=op.f("pk_quota_classes")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "quotas",
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("resource", sa.String(length=255), nullable=False),
        sa.Column("hard_limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "resource", name=op.f("pk_quotas")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("binary", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("availability_zone", sa.String(length=255), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=255), nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("replication_status", sa.String(length=64), nullable=True),
        sa.Column("active_backend_id", sa.String(length=255), nullable=True),
        sa.Column("backend_state", sa.String(length=64), nullable=True),
        sa.Column("cluster_name", sa.String(length=255), nullable=True),
        sa.Column("log_levels", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=True),
        sa.Column("wanted_log_levels", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("heartbeat_s", sa.Double(), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("binary", "host", name=op.f("uq_services_binary_host")),
        sa.UniqueConstraint("uuid", name=op.f("uq_services_uuid")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "volume_types",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("extra_specs", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("qos_specs_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volume_types")),
        sa.UniqueConstraint("name", name=op.f("uq_volume_types_name")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index(
        "ix_volume_types_created_at", "volume_types", ["created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "backup_metadata",
        sa.Column("backup_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["backup_id"], ["backups.id"], name=op.f("fk_backup_metadata_backup_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("backup_id", "key", name=op.f("pk_backup_metadata")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index(
        "ix_backup_metadata_search", "backup_metadata", ["key", "value", "backup_id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "default_types",
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("volume_type_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["volume_type_id"], ["volume_types.id"], name=op.f("fk_default_types_volume_type_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_default_types")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "encryptions",
        sa.Column("volume_type_id", sa.String(length=36), nullable=False),
        sa.Column("encryption_id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(length=255), nullable=False),
        sa.Column("control_location", sa.String(length=64), nullable=False),
        sa.Column("cipher", sa.String(length=255), nullable=True),
        sa.Column("key_size", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["volume_type_id"], ["volume_types.id"], name=op.f("fk_encryptions_volume_type_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("volume_type_id", name=op.f("pk_encryptions")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("availability_zone", sa.String(length=255), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("cluster_name", sa.String(length=255), nullable=True),
        sa.Column("group_type_id", sa.String(length=36), nullable=False),
        sa.Column("group_snapshot_id", sa.String(length=36), nullable=True),
        sa.Column("source_group_id", sa.String(length=36), nullable=True),
        sa.Column("replication_status", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.Column("name_key", sa.String(length=255), sa.Computed("coalesce(name, '')", persisted=True), nullable=True),
        sa.Column(
            "updated_at_key",
            sa.String(length=255),
            sa.Computed("coalesce(updated_at, '')", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["group_type_id"], ["group_types.id"], name=op.f("fk_groups_group_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_groups_created_at", "groups", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index("ix_groups_name_key", "groups", ["name_key", "created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_groups_project_created_at", "groups", ["project_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_groups_project_id_id", "groups", ["project_id", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_groups_project_name_key",
        "groups",
        ["project_id", "name_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_groups_project_status",
        "groups",
        ["project_id", "status", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_groups_project_updated_at_key",
        "groups",
        ["project_id", "updated_at_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index("ix_groups_status", "groups", ["status", "created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_groups_updated_at_key", "groups", ["updated_at_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "holds",
        sa.Column("resource", sa.String(length=255), nullable=False),
        sa.Column("operation", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["operation"], ["operations.id"], name=op.f("fk_holds_operation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("resource", name=op.f("pk_holds")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_holds_operation", "holds", ["operation"], unique=False, if_not_exists=True)
    op.create_table(
        "pools",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("service", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("allocated_gib", sa.Integer(), nullable=False),
        sa.Column("volume_count", sa.Integer(), nullable=False),
        sa.Column("capabilities", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("reported_s", sa.Double(), nullable=False),
        sa.CheckConstraint("allocated_gib >= 0", name=op.f("ck_pools_allocated")),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_pools_account")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pools")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_pools_service", "pools", ["service"], unique=False, if_not_exists=True)
    op.create_table(
        "sources",
        sa.Column("operation", sa.String(length=36), nullable=False),
        sa.Column("resource", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation"], ["operations.id"], name=op.f("fk_sources_operation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operation", "resource", name=op.f("pk_sources")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_sources_resource", "sources", ["resource"], unique=False, if_not_exists=True)
    op.create_table(
        "volume_type_projects",
        sa.Column("volume_type_id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["volume_type_id"],
            ["volume_types.id"],
            name=op.f("fk_volume_type_projects_volume_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("volume_type_id", "project_id", name=op.f("pk_volume_type_projects")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "volumes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("size_gib", sa.Integer(), nullable=False),
        sa.Column("charged_gib", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("previous_status", sa.String(length=64), nullable=True),
        sa.Column("attach_status", sa.String(length=64), nullable=False),
        sa.Column("migration_status", sa.String(length=255), nullable=True),
        sa.Column("replication_status", sa.String(length=64), nullable=True),
        sa.Column("volume_type_id", sa.String(length=36), nullable=False),
        sa.Column("availability_zone", sa.String(length=255), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("destination", sa.String(length=255), nullable=True),
        sa.Column("new_type_id", sa.String(length=36), nullable=True),
        sa.Column("service_uuid", sa.String(length=36), nullable=True),
        sa.Column("cluster_name", sa.String(length=255), nullable=True),
        sa.Column("snapshot_id", sa.String(length=36), nullable=True),
        sa.Column("source_volid", sa.String(length=36), nullable=True),
        sa.Column("group_id", sa.String(length=36), nullable=True),
        sa.Column("provider_id", sa.String(length=255), nullable=True),
        sa.Column("encryption_key_id", sa.String(length=36), nullable=True),
        sa.Column("bootable", sa.Boolean(), nullable=False),
        sa.Column("multiattach", sa.Boolean(), nullable=False),
        sa.Column("consumes_quota", sa.Boolean(), nullable=False),
        sa.Column("metadata", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("admin_metadata", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("image_metadata", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.Column("launched_at", sa.String(length=26), nullable=True),
        sa.Column("name_key", sa.String(length=255), sa.Computed("coalesce(name, '')", persisted=True), nullable=True),
        sa.Column(
            "availability_zone_key",
            sa.String(length=255),
            sa.Computed("coalesce(availability_zone, '')", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "updated_at_key",
            sa.String(length=255),
            sa.Computed("coalesce(updated_at, '')", persisted=True),
            nullable=True,
        ),
        sa.Column("host_key", sa.String(length=255), sa.Computed("coalesce(host, '')", persisted=True), nullable=True),
        sa.CheckConstraint("size_gib >= 0", name=op.f("ck_volumes_size")),
        sa.ForeignKeyConstraint(["volume_type_id"], ["volume_types.id"], name=op.f("fk_volumes_volume_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volumes")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_availability_zone_key",
        "volumes",
        ["availability_zone_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_bootable", "volumes", ["bootable", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_volumes_created_at", "volumes", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index("ix_volumes_destination", "volumes", ["destination"], unique=False, if_not_exists=True)
    op.create_index("ix_volumes_group_id", "volumes", ["group_id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_volumes_host_key", "volumes", ["host_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_volumes_migration_status", "volumes", ["migration_status"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_volumes_name_key", "volumes", ["name_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_volumes_new_type_id", "volumes", ["project_id", "new_type_id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_volumes_project_availability_zone_key",
        "volumes",
        ["project_id", "availability_zone_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_project_bootable",
        "volumes",
        ["project_id", "bootable", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_project_created_at", "volumes", ["project_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_volumes_project_host_key",
        "volumes",
        ["project_id", "host_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index("ix_volumes_project_id_id", "volumes", ["project_id", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_volumes_project_name_key",
        "volumes",
        ["project_id", "name_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_project_size_gib",
        "volumes",
        ["project_id", "size_gib", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_project_status",
        "volumes",
        ["project_id", "status", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_project_updated_at_key",
        "volumes",
        ["project_id", "updated_at_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_project_volume_type_id",
        "volumes",
        ["project_id", "volume_type_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_size_gib", "volumes", ["size_gib", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index("ix_volumes_snapshot_id", "volumes", ["snapshot_id"], unique=False, if_not_exists=True)
    op.create_index("ix_volumes_source_volid", "volumes", ["source_volid"], unique=False, if_not_exists=True)
    op.create_index("ix_volumes_status", "volumes", ["status", "created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_volumes_updated_at_key", "volumes", ["updated_at_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_volumes_usage",
        "volumes",
        ["project_id", "consumes_quota", "volume_type_id", "charged_gib"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_volumes_volume_type_id", "volumes", ["volume_type_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("volume_id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("instance_id", sa.String(length=36), nullable=True),
        sa.Column("host_name", sa.String(length=255), nullable=True),
        sa.Column("mountpoint", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("attach_mode", sa.String(length=64), nullable=True),
        sa.Column("connector", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=True),
        sa.Column("connection_info", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=True),
        sa.Column("attached_at", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["volume_id"], ["volumes.id"], name=op.f("fk_attachments_volume_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_attachments_created_at", "attachments", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_attachments_instance_id",
        "attachments",
        ["instance_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_attachments_project_created_at",
        "attachments",
        ["project_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_attachments_project_id_id", "attachments", ["project_id", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_attachments_project_instance_id",
        "attachments",
        ["project_id", "instance_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_attachments_project_status",
        "attachments",
        ["project_id", "status", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_attachments_status", "attachments", ["status", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_attachments_volume_id", "attachments", ["volume_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "exports",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("volume_id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("password", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["volume_id"], ["volumes.id"], name=op.f("fk_exports_volume_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_exports")),
        sa.UniqueConstraint("volume_id", name=op.f("uq_exports_volume_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "group_snapshots",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("group_type_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.Column("name_key", sa.String(length=255), sa.Computed("coalesce(name, '')", persisted=True), nullable=True),
        sa.Column(
            "updated_at_key",
            sa.String(length=255),
            sa.Computed("coalesce(updated_at, '')", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_snapshots_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_snapshots")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_created_at", "group_snapshots", ["created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_group_snapshots_group_id",
        "group_snapshots",
        ["group_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_name_key",
        "group_snapshots",
        ["name_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_project_created_at",
        "group_snapshots",
        ["project_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_project_group_id",
        "group_snapshots",
        ["project_id", "group_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_project_id_id", "group_snapshots", ["project_id", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_group_snapshots_project_name_key",
        "group_snapshots",
        ["project_id", "name_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_project_status",
        "group_snapshots",
        ["project_id", "status", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_project_updated_at_key",
        "group_snapshots",
        ["project_id", "updated_at_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_group_snapshots_status", "group_snapshots", ["status", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_group_snapshots_updated_at_key",
        "group_snapshots",
        ["updated_at_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "group_volume_types",
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("volume_type_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_group_volume_types_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["volume_type_id"], ["volume_types.id"], name=op.f("fk_group_volume_types_volume_type_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "volume_type_id", name=op.f("pk_group_volume_types")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "image_cache",
        sa.Column("volume_id", sa.String(length=36), nullable=False),
        sa.Column("image_id", sa.String(length=36), nullable=False),
        sa.Column("image_updated_at", sa.String(length=26), nullable=False),
        sa.Column("service", sa.String(length=255), nullable=False),
        sa.Column("size_gib", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["volume_id"], ["volumes.id"], name=op.f("fk_image_cache_volume_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("volume_id", name=op.f("pk_image_cache")),
        sa.UniqueConstraint("service", "image_id", name=op.f("uq_image_cache_service_image_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("volume_id", sa.String(length=36), nullable=False),
        sa.Column("volume_type_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("size_gib", sa.Integer(), nullable=False),
        sa.Column("allocated_gib", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.String(length=64), nullable=True),
        sa.Column("group_snapshot_id", sa.String(length=36), nullable=True),
        sa.Column("consumes_quota", sa.Boolean(), nullable=False),
        sa.Column("metadata", sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.Column("name_key", sa.String(length=255), sa.Computed("coalesce(name, '')", persisted=True), nullable=True),
        sa.Column(
            "updated_at_key",
            sa.String(length=255),
            sa.Computed("coalesce(updated_at, '')", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["volume_id"], ["volumes.id"], name=op.f("fk_snapshots_volume_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_snapshots_created_at", "snapshots", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_snapshots_group_snapshot_id", "snapshots", ["group_snapshot_id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_snapshots_name_key", "snapshots", ["name_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_snapshots_project_created_at",
        "snapshots",
        ["project_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index("ix_snapshots_project_id_id", "snapshots", ["project_id", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_snapshots_project_name_key",
        "snapshots",
        ["project_id", "name_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshots_project_size_gib",
        "snapshots",
        ["project_id", "size_gib", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshots_project_status",
        "snapshots",
        ["project_id", "status", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshots_project_updated_at_key",
        "snapshots",
        ["project_id", "updated_at_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshots_project_volume_id",
        "snapshots",
        ["project_id", "volume_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshots_size_gib", "snapshots", ["size_gib", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_snapshots_status", "snapshots", ["status", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_snapshots_updated_at_key",
        "snapshots",
        ["updated_at_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshots_usage",
        "snapshots",
        ["project_id", "consumes_quota", "volume_type_id", "size_gib"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshots_volume_id", "snapshots", ["volume_id", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("volume_id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("no_snapshots", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(length=26), nullable=False),
        sa.Column("updated_at", sa.String(length=26), nullable=True),
        sa.Column("name_key", sa.String(length=255), sa.Computed("coalesce(name, '')", persisted=True), nullable=True),
        sa.ForeignKeyConstraint(["volume_id"], ["volumes.id"], name=op.f("fk_transfers_volume_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("volume_id", name=op.f("uq_transfers_volume_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index("ix_transfers_created_at", "transfers", ["created_at", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_transfers_name_key", "transfers", ["name_key", "created_at", "id"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_transfers_project_created_at",
        "transfers",
        ["project_id", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index("ix_transfers_project_id_id", "transfers", ["project_id", "id"], unique=False, if_not_exists=True)
    op.create_index(
        "ix_transfers_project_name_key",
        "transfers",
        ["project_id", "name_key", "created_at", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "volume_metadata",
        sa.Column("volume_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["volume_id"], ["volumes.id"], name=op.f("fk_volume_metadata_volume_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("volume_id", "key", name=op.f("pk_volume_metadata")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index(
        "ix_volume_metadata_search", "volume_metadata", ["key", "value", "volume_id"], unique=False, if_not_exists=True
    )
    op.create_table(
        "snapshot_metadata",
        sa.Column("snapshot_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_snapshot_metadata_snapshot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "key", name=op.f("pk_snapshot_metadata")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_index(
        "ix_snapshot_metadata_search",
        "snapshot_metadata",
        ["key", "value", "snapshot_id"],
        unique=False,
        if_not_exists=True,
    )
