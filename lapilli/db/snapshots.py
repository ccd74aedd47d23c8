"""Questions about snapshots, and what may be written to their rows. `scope` is as in `db.volumes`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.rows import AnyRow, every
from lapilli.db.schema import snapshot_metadata, snapshots, volumes
from lapilli.db.scoped import Scoped
from lapilli.model.states import SNAPSHOT

_mover = Mover(snapshots, SNAPSHOT)
move = _mover.move
set_status = _mover.set

COLUMNS = tuple(column for column in snapshots.c if not column.computed)

_scoped = Scoped(snapshots, COLUMNS, "Snapshot")
find, get, lock = _scoped.find, _scoped.get, _scoped.lock

_OF_VOLUME = (
    select(*COLUMNS).where(snapshots.c.volume_id == bindparam("of")).order_by(snapshots.c.created_at, snapshots.c.id)
)


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The snapshots of a page, with the columns of `get`."""
    return listing.rows_of(tx, snapshots, COLUMNS, page, "Snapshot")


def count(tx: Connection, page: Page) -> int:
    """How many snapshots the page's filters leave."""
    return listing.count_of(tx, snapshots, page)


def of_volume(tx: Connection, volume_id: str) -> Sequence[AnyRow]:
    """All snapshots of a volume, the oldest first."""
    return every(tx.execute(_OF_VOLUME, {"of": volume_id}))


def of_service(tx: Connection, service: str) -> Sequence[AnyRow]:
    """All snapshots on a volume service, `host@backend`."""
    on_it = volumes.c.host.startswith(f"{service}#", autoescape=True)
    return every(tx.execute(select(*COLUMNS).join(volumes, volumes.c.id == snapshots.c.volume_id).where(on_it)))


def has_metadata(key: str, value: str) -> ColumnElement[bool]:
    """The condition that a snapshot carries this pair."""
    pair = (snapshot_metadata.c.key == key) & (snapshot_metadata.c.value == value)
    return snapshots.c.id.in_(select(snapshot_metadata.c.snapshot_id).where(pair))


def in_zone(zone: str) -> ColumnElement[bool]:
    """The condition that the snapshot's volume is in the availability zone."""
    return snapshots.c.volume_id.in_(select(volumes.c.id).where(volumes.c.availability_zone == zone))


def add(tx: Connection, **values: Any) -> None:
    """Insert a snapshot in status `creating`."""
    _mover.add(tx, "create", **values)
    _write_metadata(tx, values["id"], values.get("metadata", {}))


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns other than the status."""
    tx.execute(update(snapshots).where(snapshots.c.id == id).values(updated_at=now_text(), **values))
    if "metadata" in values:
        tx.execute(delete(snapshot_metadata).where(snapshot_metadata.c.snapshot_id == id))
        _write_metadata(tx, id, values["metadata"])


def _write_metadata(tx: Connection, id: str, metadata: Mapping[str, str]) -> None:
    if metadata:
        rows = [{"snapshot_id": id, "key": key, "value": value} for key, value in metadata.items()]
        tx.execute(insert(snapshot_metadata), rows)
