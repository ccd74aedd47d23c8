"""What a project may use, and what it is told."""

from sqlalchemy import Column, Index, Integer, Table

from lapilli.db.schema.columns import ID, NAME, OPTIONS, TIME, WORD, listed_by, metadata

projects = Table(
    "projects",
    metadata,
    # The row that a transaction takes first when it changes what a project uses, so that two never count at once.
    Column("id", NAME, primary_key=True),
    Column("turn", Integer, nullable=False, default=0),
    **OPTIONS,
)

quotas = Table(
    "quotas",
    metadata,
    Column("project_id", NAME, primary_key=True),
    Column("resource", NAME, primary_key=True),
    Column("hard_limit", Integer, nullable=False),
    **OPTIONS,
)

quota_classes = Table(
    "quota_classes",
    metadata,
    Column("class_name", NAME, primary_key=True),
    Column("resource", NAME, primary_key=True),
    Column("hard_limit", Integer, nullable=False),
    **OPTIONS,
)

messages = Table(
    "messages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("project_id", NAME, nullable=False),
    Column("action_id", WORD, nullable=False),
    Column("detail_id", WORD, nullable=False),
    Column("resource_type", WORD),
    Column("resource_uuid", ID),
    Column("event_id", NAME, nullable=False),
    Column("message_level", WORD, nullable=False),
    Column("request_id", WORD),
    Column("created_at", TIME, nullable=False),
    *listed_by("messages", "created_at", "resource_uuid", "event_id"),
    Index("ix_messages_project_id_id", "project_id", "id"),
    **OPTIONS,
)
