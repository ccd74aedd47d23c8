"""Questions about snapshots, and what may be written to their rows. `scope` is as in `db.volumes`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.rows import AnyRow, every, first
from lapilli.db.schema import snapshot_metadata, snapshots, volumes
from lapilli.model.errors import NotFound
from lapilli.model.states import SNAPSHOT

_mover = Mover(snapshots, SNAPSHOT)
move = _mover.move
set_status = _mover.set

COLUMNS = tuple(column for column in snapshots.c if not column.computed)

_BY_ID = select(*COLUMNS).where(snapshots.c.id == bindparam("id"))
_OF_VOLUME = (
    select(*COLUMNS).where(snapshots.c.volume_id == bindparam("of")).order_by(snapshots.c.created_at, snapshots.c.id)
)
_BY_ID_IN_PROJECT = _BY_ID.where(snapshots.c.project_id == bindparam("scope"))


def find(tx: Connection, id: str, scope: str | None) -> AnyRow | None:
    """The snapshot, or None if there is none in the scope."""
    if scope is None:
        return first(tx.execute(_BY_ID, {"id": id}))
    return first(tx.execute(_BY_ID_IN_PROJECT, {"id": id, "scope": scope}))


def get(tx: Connection, id: str, scope: str | None) -> AnyRow:
    """The snapshot; `NotFound` if there is none in the scope."""
    row = find(tx, id, scope)
    if row is None:
        raise NotFound("Snapshot", id)
    return row


def lock(tx: Connection, id: str, scope: str | None) -> AnyRow:
    """`get`, and no other transaction changes the row before this one has ended."""
    mine = _BY_ID if scope is None else _BY_ID_IN_PROJECT
    row = tx.execute(mine.with_for_update(), {"id": id, "scope": scope}).first()
    if row is None:
        raise NotFound("Snapshot", id)
    return row


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The snapshots of a page, with the columns of `get`."""
    return listing.rows_of(tx, snapshots, COLUMNS, page, "Snapshot")


def count(tx: Connection, page: Page) -> int:
    """How many snapshots the page's filters leave."""
    return listing.count_of(tx, snapshots, page)


def of_volume(tx: Connection, volume_id: str) -> Sequence[AnyRow]:
    """All snapshots of a volume, the oldest first."""
    return every(tx.execute(_OF_VOLUME, {"of": volume_id}))


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
