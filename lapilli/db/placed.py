"""What should be on the storages and on the targets, as one moment's rows say it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, union

from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow, every
from lapilli.db.schema import accounts, attachments, backups, exports, history, pools, snapshots, volumes

_VOLUMES: Final = select(
    volumes.c.id,
    volumes.c.status,
    volumes.c.migration_status,
    volumes.c.size_gib,
    volumes.c.host,
    volumes.c.destination,
)
_SNAPSHOTS: Final = select(snapshots.c.id, snapshots.c.status, snapshots.c.size_gib, volumes.c.host).join(
    volumes, volumes.c.id == snapshots.c.volume_id
)
# Snapshots that backups are made from have no row of their own.
_OF_BACKUPS: Final = select(backups.c.temp_snapshot_id).where(backups.c.temp_snapshot_id.is_not(None))
_SHARED: Final = select(pools.c.name, pools.c.service, pools.c.account).join(accounts, accounts.c.id == pools.c.account)
_ATTACHED: Final = (
    select(
        attachments.c.id,
        attachments.c.instance_id,
        attachments.c.host_name,
        attachments.c.connector,
        attachments.c.volume_id,
    )
    .join(volumes, volumes.c.id == attachments.c.volume_id)
    .where(attachments.c.status == "attached", attachments.c.connector.is_not(None))
    .order_by(attachments.c.created_at, attachments.c.id)
)
_RESERVED: Final = (
    select(
        attachments.c.id,
        attachments.c.instance_id,
        attachments.c.volume_id,
        attachments.c.created_at,
        now_text().label("now"),
    )
    .join(volumes, volumes.c.id == attachments.c.volume_id)
    .where(attachments.c.status == "reserved")
    .order_by(attachments.c.created_at, attachments.c.id)
)
_MOST_ASKED: Final = 500


@dataclass(frozen=True)
class Placed:
    """Rows by id: volumes (`host`, `destination` …) and snapshots (`host` is their volume's); ids for backups alone."""

    volumes: dict[str, AnyRow]
    snapshots: dict[str, AnyRow]
    of_backups: frozenset[str]


def everything(tx: Connection) -> Placed:
    """All volumes and snapshots of all backends."""
    return Placed(
        {row.id: row for row in every(tx.execute(_VOLUMES))},
        {row.id: row for row in every(tx.execute(_SNAPSHOTS))},
        frozenset(tx.execute(_OF_BACKUPS).scalars()),
    )


def exported(tx: Connection) -> set[str]:
    """The ids of the volumes of all backends that have an export."""
    return set(tx.execute(select(exports.c.volume_id)).scalars())


def known(tx: Connection, volume_ids: Collection[str]) -> set[str]:
    """Those that are, or were as far back as the history goes, volumes of this database."""
    found: set[str] = set()
    wanted = sorted(volume_ids)
    for begin in range(0, len(wanted), _MOST_ASKED):
        some = wanted[begin : begin + _MOST_ASKED]
        there = select(volumes.c.id).where(volumes.c.id.in_(some))
        was = select(history.c.resource).where(history.c.resource.in_(some), history.c.kind == "volume")
        found |= set(tx.execute(union(there, was)).scalars())
    return found


def attached_on(tx: Connection, service: str) -> Sequence[AnyRow]:
    """The attachments of a volume service's volumes that hosts have said to use, the oldest first."""
    return every(tx.execute(_ATTACHED.where(volumes.c.host.startswith(f"{service}#", autoescape=True))))


def reserved_on(tx: Connection, service: str, age_s: float) -> Sequence[AnyRow]:
    """The attachments of a volume service's volumes that are reserved for so long or longer, the oldest first."""
    rows = every(tx.execute(_RESERVED.where(volumes.c.host.startswith(f"{service}#", autoescape=True))))
    longest = timedelta(seconds=age_s)
    return [row for row in rows if datetime.fromisoformat(row.now) - datetime.fromisoformat(row.created_at) >= longest]


def shared_accounts(tx: Connection) -> dict[str, list[str]]:
    """The pools of each account that pools of several backends draw on, by the account's name."""
    of_account: dict[str, list[AnyRow]] = {}
    for row in tx.execute(_SHARED.order_by(pools.c.name)):
        of_account.setdefault(row.account, []).append(row)
    several = {account: rows for account, rows in of_account.items() if len({row.service for row in rows}) > 1}
    return {account: [row.name for row in rows] for account, rows in several.items()}
