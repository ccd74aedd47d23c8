"""What is always true of the rows, as questions that find what is not.

Tests ask after every request, and a duty asks in production. Each is one statement, and so sees one moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, select, union_all

from lapilli.db.schema import (
    accounts,
    attachments,
    backups,
    exports,
    group_snapshots,
    groups,
    holds,
    leftovers,
    operations,
    pools,
    snapshots,
    volumes,
)
from lapilli.model.states import ATTACHMENT, BACKUP, GROUP, GROUP_SNAPSHOT, MIGRATING, SNAPSHOT, VOLUME, States


@dataclass(frozen=True)
class Invariant:
    """A sentence, and the question for the rows that break it."""

    name: str
    sentence: str
    offenders: Select[Any]


@dataclass(frozen=True)
class Violation:
    """One row that breaks an invariant."""

    name: str
    sentence: str
    row: Mapping[str, Any]

    def __str__(self) -> str:
        facts = ", ".join(f"{column} {value}" for column, value in self.row.items())
        return f"{self.sentence} Not so: {facts}."


def check(tx: Connection) -> list[Violation]:
    """Every row that breaks an invariant; none, if all is well."""
    return [
        Violation(invariant.name, invariant.sentence, dict(row))
        for invariant in INVARIANTS
        for row in tx.execute(invariant.offenders).mappings()
    ]


def _is_held(table: Table) -> Any:
    return exists().where(holds.c.resource == table.c.id)


def _held_while_transient(table: Table, states: States, also: frozenset[str] = frozenset()) -> list[Invariant]:
    """Invariant 1 in both directions; `also` are statuses in which an operation may, but need not, hold the row."""
    columns = select(table.c.id, table.c.status)
    is_transient: ColumnElement[bool] = table.c.status.in_(states.transient)
    if "by_hand" in table.c:
        is_transient &= ~table.c.by_hand
    may_be_held: ColumnElement[bool] = table.c.status.in_(states.transient | also)
    if "migration_status" in table.c:
        may_be_held |= func.coalesce(table.c.migration_status, "").in_(MIGRATING)
    kind = states.kind
    return [
        Invariant(
            f"transient_{kind.replace(' ', '_')}_is_held",
            f"A live operation holds each {kind} that is in a transient status, unless that was set by hand.",
            columns.where(is_transient, ~_is_held(table)),
        ),
        Invariant(
            f"held_{kind.replace(' ', '_')}_is_transient",
            f"Each {kind} that a live operation holds is in a transient status, or migrates.",
            columns.where(~may_be_held, _is_held(table)),
        ),
    ]


# What is allocated, piece by piece: volumes, also where they move to; the growth of those whose extend has reserved it
# (it has when it has left the scheduler's queue for the backend's); snapshots that are copies, and those that backups
# are made from; and what was deleted and is not wiped yet.
_GROWS = exists().where(
    holds.c.resource == volumes.c.id, operations.c.id == holds.c.operation, operations.c.queue.startswith("volume:")
)
_PIECES = union_all(
    select(volumes.c.host, volumes.c.size_gib.label("gib")).where(volumes.c.host.is_not(None)),
    select(volumes.c.destination, volumes.c.size_gib).where(volumes.c.destination.is_not(None)),
    select(volumes.c.host, volumes.c.charged_gib - volumes.c.size_gib).where(volumes.c.status == "extending", _GROWS),
    select(volumes.c.host, snapshots.c.allocated_gib).join(volumes, volumes.c.id == snapshots.c.volume_id),
    select(volumes.c.host, backups.c.allocated_gib).join(volumes, volumes.c.id == backups.c.volume_id),
    select(leftovers.c.pool, leftovers.c.size_gib),
).subquery()
_BY_POOL = select(_PIECES.c.host, func.sum(_PIECES.c.gib).label("gib")).group_by(_PIECES.c.host).subquery()
_BY_ACCOUNT = (
    select(pools.c.account, func.sum(_BY_POOL.c.gib).label("gib"))
    .join(_BY_POOL, _BY_POOL.c.host == pools.c.name)
    .group_by(pools.c.account)
    .subquery()
)
_VOLUMES = (
    select(func.count())
    .where((volumes.c.host == pools.c.name) | (volumes.c.destination == pools.c.name))
    .scalar_subquery()
)
_POOL_GIB = func.coalesce(_BY_POOL.c.gib, 0)
_ACCOUNT_GIB = func.coalesce(_BY_ACCOUNT.c.gib, 0)

_SPACE: Final = [
    Invariant(
        "pool_is_exact",
        "A pool's allocation is the sum of what was placed in it.",
        select(pools.c.name, pools.c.allocated_gib, _POOL_GIB.label("placed_gib"))
        .outerjoin(_BY_POOL, _BY_POOL.c.host == pools.c.name)
        .where(pools.c.allocated_gib != _POOL_GIB),
    ),
    Invariant(
        "account_is_exact",
        "An account's allocation is the sum of what was placed in its pools.",
        select(accounts.c.id, accounts.c.allocated_gib, _ACCOUNT_GIB.label("placed_gib"))
        .outerjoin(_BY_ACCOUNT, _BY_ACCOUNT.c.account == accounts.c.id)
        .where(accounts.c.allocated_gib != _ACCOUNT_GIB),
    ),
    Invariant(
        "volume_count_is_exact",
        "A pool counts the volumes that were placed in it.",
        select(pools.c.name, pools.c.volume_count, _VOLUMES.label("placed")).where(pools.c.volume_count != _VOLUMES),
    ),
    Invariant(
        "pool_is_known",
        "The pool of each placed volume has a row.",
        select(volumes.c.id, volumes.c.host).where(
            volumes.c.host.is_not(None), ~exists().where(pools.c.name == volumes.c.host)
        ),
    ),
    Invariant(
        "leftover_is_seen_to",
        "A live operation sees to space whose volume is gone, and its pool has a row.",
        select(leftovers.c.operation, leftovers.c.pool, leftovers.c.size_gib).where(
            ~exists().where(operations.c.id == leftovers.c.operation, operations.c.outcome.is_(None))
            | ~exists().where(pools.c.name == leftovers.c.pool)
        ),
    ),
    Invariant(
        "quota_counts_the_size",
        "A volume is charged for its size, unless it is being extended.",
        select(volumes.c.id, volumes.c.status, volumes.c.size_gib, volumes.c.charged_gib).where(
            volumes.c.charged_gib != volumes.c.size_gib, volumes.c.status != "extending"
        ),
    ),
]

_OPERATION = select(operations.c.id, operations.c.kind, operations.c.subject, operations.c.outcome, operations.c.due_at)
_WORK: Final = [
    Invariant(
        "live_operation_is_due",
        "An operation has a time to be looked at until it has finished, and none afterwards.",
        _OPERATION.where(operations.c.outcome.is_(None) == operations.c.due_at.is_(None)),
    ),
    Invariant(
        "live_operation_holds_its_subject",
        "A live operation holds its subject.",
        _OPERATION.where(
            operations.c.outcome.is_(None),
            ~exists().where(holds.c.resource == operations.c.subject, holds.c.operation == operations.c.id),
        ),
    ),
    Invariant(
        "finished_operation_holds_nothing",
        "An operation that has finished holds nothing.",
        _OPERATION.where(operations.c.outcome.is_not(None), exists().where(holds.c.operation == operations.c.id)),
    ),
]

_CONNECTED = exists().where(attachments.c.volume_id == exports.c.volume_id, attachments.c.connector.is_not(None))
_EXPORTED = exists().where(exports.c.volume_id == attachments.c.volume_id)
_EXPORTS: Final = [
    Invariant(
        "export_is_needed",
        "A volume has an export only while one of its attachments has a connector.",
        select(exports.c.number, exports.c.volume_id).where(~_CONNECTED),
    ),
    # One that is being detached may find that another, detached at the same time, has ended the export for both.
    Invariant(
        "connected_attachment_is_exported",
        "The volume of an attachment that has a connector, and keeps it, has an export.",
        select(attachments.c.id, attachments.c.volume_id, attachments.c.status).where(
            attachments.c.connector.is_not(None), attachments.c.status.in_(["attaching", "attached"]), ~_EXPORTED
        ),
    ),
]

_GROUPS: Final = [
    Invariant(
        "group_is_there",
        "The group of each volume that has one has a row.",
        select(volumes.c.id, volumes.c.group_id).where(
            volumes.c.group_id.is_not(None), ~exists().where(groups.c.id == volumes.c.group_id)
        ),
    ),
    Invariant(
        "group_snapshot_is_there",
        "The group snapshot of each snapshot that is part of one has a row.",
        select(snapshots.c.id, snapshots.c.group_snapshot_id).where(
            snapshots.c.group_snapshot_id.is_not(None),
            ~exists().where(group_snapshots.c.id == snapshots.c.group_snapshot_id),
        ),
    ),
]

INVARIANTS: Final = (
    *_held_while_transient(volumes, VOLUME),
    *_held_while_transient(snapshots, SNAPSHOT),
    *_held_while_transient(backups, BACKUP),
    # An attachment waits in `attaching` for the client's next call before and after the operation that exports it.
    *_held_while_transient(attachments, ATTACHMENT, frozenset({"attaching"})),
    *_held_while_transient(groups, GROUP),
    *_held_while_transient(group_snapshots, GROUP_SNAPSHOT),
    *_SPACE,
    *_WORK,
    *_EXPORTS,
    *_GROUPS,
)
