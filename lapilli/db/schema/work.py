"""What is to be done, what was done, and who is told of it."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text

from lapilli.db.schema.columns import ID, NAME, OPTIONS, TIME, WORD, Json, metadata

operations = Table(
    "operations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", WORD, nullable=False),
    Column("subject", NAME, nullable=False),  # the id of what is moved
    Column("source", NAME),  # the id of what is read
    Column("project_id", NAME),
    Column("args", Json, nullable=False, default=dict),
    Column("queue", NAME, nullable=False),
    Column("step", WORD, nullable=False),
    Column("due_at", Double),  # when to look next: its time, the end of the lease, or null when finished
    Column("attempt", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("progress", NAME),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("outcome", WORD),  # done, failed, refused, cancelled; null while it lives
    Column("result", Json),
    Column("worker", NAME),
    Column("request_id", WORD),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME),
    Column("finished_at", TIME),
    Index("ix_operations_due", "queue", "due_at"),
    Index("ix_operations_subject", "subject"),
    Index("ix_operations_finished", "finished_at"),
    Index("ix_operations_created_at", "created_at", "id"),
    **OPTIONS,
)

holds = Table(
    "holds",
    metadata,
    Column("resource", NAME, primary_key=True),
    Column("operation", ID, ForeignKey("operations.id", ondelete="CASCADE"), nullable=False),
    Index("ix_holds_operation", "operation"),
    **OPTIONS,
)

sources = Table(
    "sources",
    metadata,
    # What live operations read: it must stay until they have finished. Several may read the same.
    Column("operation", ID, ForeignKey("operations.id", ondelete="CASCADE"), primary_key=True),
    Column("resource", NAME, primary_key=True),
    Index("ix_sources_resource", "resource"),
    **OPTIONS,
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", TIME, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("resource", ID, nullable=False),
    Column("event", WORD, nullable=False),
    Column("status", WORD, nullable=False),
    Column("detail", Json),
    Index("ix_history_resource", "resource", "id"),
    Index("ix_history_at", "at"),
    **OPTIONS,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("operation", ID, nullable=False),
    Column("resource", ID, nullable=False),
    Column("at", TIME, nullable=False),
    Column("chosen", NAME),
    Column("explanation", Json, nullable=False),
    Index("ix_decisions_resource", "resource", "id"),
    Index("ix_decisions_at", "at"),
    **OPTIONS,
)

notifications = Table(
    "notifications",
    metadata,
    # What others are told, written beside what it is about and sent after; a row that is sent is deleted.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message_id", ID, nullable=False),
    Column("event_type", WORD, nullable=False),
    Column("publisher_id", NAME, nullable=False),
    Column("priority", WORD, nullable=False),
    Column("payload", Json, nullable=False),
    Column("due_at", Double, nullable=False),  # its time, or the end of the claim of the process that sends it
    Column("created_at", TIME, nullable=False),
    Index("ix_notifications_due_at", "due_at"),
    sqlite_autoincrement=True,
    **OPTIONS,
)
