"""Questions about groups and their volumes, and what may be written to their rows. `scope` is as in `db.volumes`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, exists, insert, select, update

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.group_types import OF_CONSISTENCY_GROUPS
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.rows import AnyRow, every
from lapilli.db.schema import group_snapshots, group_types, group_volume_types, groups, volumes
from lapilli.db.scoped import Scoped
from lapilli.db.volumes import COLUMNS as VOLUME_COLUMNS
from lapilli.model.states import GROUP

_mover = Mover(groups, GROUP)
move = _mover.move
set_status = _mover.set

COLUMNS = tuple(column for column in groups.c if not column.computed)

_scoped = Scoped(groups, COLUMNS, "Group")
find, get, lock = _scoped.find, _scoped.get, _scoped.lock

_VOLUMES: Final = (
    select(*VOLUME_COLUMNS).where(volumes.c.group_id == bindparam("of")).order_by(volumes.c.created_at, volumes.c.id)
)
_LOCKING_VOLUMES: Final = _VOLUMES.with_for_update(of=volumes)
_LEGACY_TYPE: Final = select(group_types.c.id).where(group_types.c.name == OF_CONSISTENCY_GROUPS).scalar_subquery()


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The groups of a page, with the columns of `get`."""
    return listing.rows_of(tx, groups, COLUMNS, page, "Group")


def is_generic() -> ColumnElement[bool]:
    """The condition that a group is no legacy consistency group."""
    return groups.c.group_type_id != _LEGACY_TYPE


def is_legacy_type(tx: Connection, group_type_id: str) -> bool:
    """Whether groups of the type are legacy consistency groups."""
    return bool(tx.execute(select(_LEGACY_TYPE)).scalar() == group_type_id)


def volumes_of(tx: Connection, id: str) -> Sequence[AnyRow]:
    """The volumes of a group, the oldest first, with the columns of `volumes.get`."""
    return every(tx.execute(_VOLUMES, {"of": id}))


def lock_volumes(tx: Connection, id: str) -> Sequence[AnyRow]:
    """`volumes_of`, and no other transaction changes them before this one has ended."""
    return every(tx.execute(_LOCKING_VOLUMES, {"of": id}))


def volume_ids(tx: Connection, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """By the id of each group, the ids of its volumes, the oldest first."""
    question = select(volumes.c.group_id, volumes.c.id).where(volumes.c.group_id.in_(ids))
    return _by_group(ids, tx.execute(question.order_by(volumes.c.created_at, volumes.c.id)).all())


def type_ids(tx: Connection, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """By the id of each group, the ids of the volume types that its volumes may be of."""
    mine = group_volume_types
    question = select(mine.c.group_id, mine.c.volume_type_id).where(mine.c.group_id.in_(ids))
    return _by_group(ids, tx.execute(question.order_by(mine.c.volume_type_id)).all())


def _by_group(ids: Sequence[str], rows: Sequence[Any]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {group_id: [] for group_id in ids}
    for group_id, value in rows:
        found[group_id].append(value)
    return found


def has_snapshots(tx: Connection, id: str) -> bool:
    """Whether a group snapshot of the group exists, in any status."""
    return bool(tx.execute(select(exists().where(group_snapshots.c.group_id == id))).scalar())


def add(tx: Connection, volume_type_ids: Sequence[str], **values: Any) -> None:
    """Insert a group in status `creating`, whose volumes may be of the types."""
    _mover.add(tx, "create", **values)
    rows = [{"group_id": values["id"], "volume_type_id": type_id} for type_id in volume_type_ids]
    tx.execute(insert(group_volume_types), rows)


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns other than the status."""
    tx.execute(update(groups).where(groups.c.id == id).values(updated_at=now_text(), **values))


def change_host(tx: Connection, old: str, new: str) -> int:
    """Put the groups of a host, backend or pool under another name; returns how many there were."""
    return tx.execute(update(groups).where(groups.c.host == old).values(host=new)).rowcount
