"""Questions about volumes, and what may be written to their rows.

`scope` is the project whose volumes can be seen, or None for those of all projects; no question is without it that a
tenant's request could reach.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, insert, select, update

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.prepared import write
from lapilli.db.rows import AnyRow
from lapilli.db.schema import attachments, snapshots, volume_metadata, volume_types, volumes
from lapilli.db.scoped import Scoped
from lapilli.model.states import VOLUME, volume_status_after

_mover = Mover(volumes, VOLUME)
move = _mover.move
set_status = _mover.set

# The type's name comes by a subquery: a join could tempt a planner to leave the index that a list is sorted by.
_TYPE_NAME = select(volume_types.c.name).where(volume_types.c.id == volumes.c.volume_type_id).scalar_subquery()
COLUMNS = (*(column for column in volumes.c if not column.computed), _TYPE_NAME.label("volume_type"))

_scoped = Scoped(volumes, COLUMNS, "Volume")
find, get, lock = _scoped.find, _scoped.get, _scoped.lock

_CHANGING = update(volumes).where(volumes.c.id == bindparam("which")).values(updated_at=now_text())
_ATTACHMENTS = select(attachments.c.status).where(attachments.c.volume_id == bindparam("of"))


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The volumes of a page, with the columns of `get`."""
    return listing.rows_of(tx, volumes, COLUMNS, page, "Volume")


def count(tx: Connection, page: Page) -> int:
    """How many volumes the page's filters leave."""
    return listing.count_of(tx, volumes, page)


def summary(tx: Connection, page: Page) -> tuple[int, int]:
    """How many volumes there are, and their sizes together in GiB."""
    mine = [] if page.project_id is None else [volumes.c.project_id == page.project_id]
    totals = select(func.count(), func.coalesce(func.sum(volumes.c.size_gib), 0)).where(*mine, *page.conditions)
    number, size_gib = tx.execute(totals).one()
    return number, int(size_gib)


def metadata_values(tx: Connection, scope: str | None) -> Sequence[AnyRow]:
    """Every distinct (key, value) of the metadata of all volumes of the scope."""
    pairs = select(volume_metadata.c.key, volume_metadata.c.value).join(volumes).distinct()
    if scope is not None:
        pairs = pairs.where(volumes.c.project_id == scope)
    return tx.execute(pairs.order_by(volume_metadata.c.key, volume_metadata.c.value)).all()


def has_metadata(key: str, value: str) -> ColumnElement[bool]:
    """The condition that a volume carries this pair."""
    pair = (volume_metadata.c.key == key) & (volume_metadata.c.value == value)
    return volumes.c.id.in_(select(volume_metadata.c.volume_id).where(pair))


def add(tx: Connection, **values: Any) -> None:
    """Insert a volume in status `creating`."""
    _mover.add(tx, "create", **values)
    _write_metadata(tx, values["id"], values.get("metadata", {}))


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns other than the status."""
    write(tx, _CHANGING, {"which": id}, values)
    if "metadata" in values:
        tx.execute(delete(volume_metadata).where(volume_metadata.c.volume_id == id))
        _write_metadata(tx, id, values["metadata"])


def _write_metadata(tx: Connection, id: str, metadata: Mapping[str, str]) -> None:
    if metadata:
        rows = [{"volume_id": id, "key": key, "value": value} for key, value in metadata.items()]
        tx.execute(insert(volume_metadata), rows)


def has_snapshots(tx: Connection, id: str) -> bool:
    """Whether a snapshot of the volume exists, in any status."""
    return bool(tx.execute(select(exists().where(snapshots.c.volume_id == id))).scalar())


def follow_attachments(tx: Connection, id: str) -> str:
    """Give the volume the status that follows from its attachments, and return it; one that grows, afterwards."""
    is_growing = lock(tx, id, None).status == "extending"
    rows = tx.execute(_ATTACHMENTS, {"of": id}).scalars().all()
    status, attach_status = volume_status_after(list(rows))
    if is_growing:
        change(tx, id, attach_status=attach_status)
    else:
        move(tx, id, "attachments_changed", to=status, attach_status=attach_status)
    return status
