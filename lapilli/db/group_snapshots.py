"""Questions about group snapshots, and what may be written to their rows. `scope` is as in `db.volumes`."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, select

from lapilli.db import listing
from lapilli.db.group_types import OF_CONSISTENCY_GROUPS
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.rows import AnyRow, every
from lapilli.db.schema import group_snapshots, group_types, snapshots
from lapilli.db.scoped import Scoped
from lapilli.db.snapshots import COLUMNS as SNAPSHOT_COLUMNS
from lapilli.model.states import GROUP_SNAPSHOT

_mover = Mover(group_snapshots, GROUP_SNAPSHOT)
move = _mover.move
set_status = _mover.set

COLUMNS = tuple(column for column in group_snapshots.c if not column.computed)

_scoped = Scoped(group_snapshots, COLUMNS, "Group snapshot")
find, get, lock = _scoped.find, _scoped.get, _scoped.lock

_SNAPSHOTS: Final = (
    select(*SNAPSHOT_COLUMNS)
    .where(snapshots.c.group_snapshot_id == bindparam("of"))
    .order_by(snapshots.c.created_at, snapshots.c.id)
    .with_for_update(of=snapshots)
)
_LEGACY_TYPE: Final = select(group_types.c.id).where(group_types.c.name == OF_CONSISTENCY_GROUPS).scalar_subquery()


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The group snapshots of a page, with the columns of `get`."""
    return listing.rows_of(tx, group_snapshots, COLUMNS, page, "Group snapshot")


def is_generic() -> ColumnElement[bool]:
    """The condition that a group snapshot is not one of a legacy consistency group."""
    return group_snapshots.c.group_type_id != _LEGACY_TYPE


def lock_snapshots(tx: Connection, id: str) -> Sequence[AnyRow]:
    """The snapshots of a group snapshot, the oldest first, with the columns of `snapshots.get`.

    No other transaction changes them before this one has ended.
    """
    return every(tx.execute(_SNAPSHOTS, {"of": id}))


def add(tx: Connection, **values: Any) -> None:
    """Insert a group snapshot in status `creating`."""
    _mover.add(tx, "create", **values)
