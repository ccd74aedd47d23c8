"""Questions about backups, and what may be written to their rows. `scope` is as in `db.volumes`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, insert, select, update

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.rows import AnyRow, every, first
from lapilli.db.schema import backup_metadata, backups
from lapilli.db.scoped import Scoped
from lapilli.model.states import BACKUP

_mover = Mover(backups, BACKUP)
move = _mover.move
set_status = _mover.set

_child: Final = backups.alias("child")
_HAS_DEPENDENTS: Final = exists().where(_child.c.parent_id == backups.c.id)
COLUMNS = (*(column for column in backups.c if not column.computed), _HAS_DEPENDENTS.label("has_dependent_backups"))

_scoped = Scoped(backups, COLUMNS, "Backup")
find, get, lock = _scoped.find, _scoped.get, _scoped.lock

_NEWEST: Final = (
    select(*COLUMNS)
    .where(
        backups.c.volume_id == bindparam("of"),
        backups.c.project_id == bindparam("owner"),
        backups.c.status == "available",
        backups.c.data_timestamp < bindparam("before"),
    )
    .order_by(backups.c.data_timestamp.desc(), backups.c.id)
    .limit(1)
    .with_for_update(of=backups)
)
_ALWAYS: Final = "9999"


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The backups of a page, with the columns of `get`."""
    return listing.rows_of(tx, backups, COLUMNS, page, "Backup")


def count(tx: Connection, page: Page) -> int:
    """How many backups the page's filters leave."""
    return listing.count_of(tx, backups, page)


def lock_newest(tx: Connection, volume_id: str, project_id: str, before: str | None = None) -> AnyRow | None:
    """The project's available backup of the volume with the youngest data, or None; `before` bounds their time."""
    return first(tx.execute(_NEWEST, {"of": volume_id, "owner": project_id, "before": before or _ALWAYS}))


def chain(tx: Connection, id: str) -> list[AnyRow]:
    """The full backup that this one is based on, those on top of it, and this one last."""
    found = [get(tx, id, None)]
    while found[0].parent_id is not None:
        found.insert(0, get(tx, found[0].parent_id, None))
    return found


def list_all(tx: Connection) -> Sequence[AnyRow]:
    """The backups of all projects, the oldest first."""
    return every(tx.execute(select(*COLUMNS).order_by(backups.c.created_at, backups.c.id)))


def change_host(tx: Connection, old: str, new: str) -> int:
    """Let the backup service on another host have the backups of one; returns how many there were."""
    return tx.execute(update(backups).where(backups.c.host == old).values(host=new)).rowcount


def has_twin(tx: Connection, row: AnyRow) -> bool:
    """Whether another backup, which is not being deleted too, has the same objects: a record imported twice."""
    same = (backups.c.container == row.container) & (backups.c.service_metadata == row.service_metadata)
    twins = exists().where(same, backups.c.id != row.id, backups.c.status != "deleting")
    return bool(row.service_metadata and tx.execute(select(twins)).scalar())


def has_metadata(key: str, value: str) -> ColumnElement[bool]:
    """The condition that a backup carries this pair."""
    pair = (backup_metadata.c.key == key) & (backup_metadata.c.value == value)
    return backups.c.id.in_(select(backup_metadata.c.backup_id).where(pair))


def add(tx: Connection, **values: Any) -> None:
    """Insert a backup in status `creating`."""
    _mover.add(tx, "create", **values)
    _write_metadata(tx, values["id"], values.get("metadata", {}))


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns other than the status."""
    tx.execute(update(backups).where(backups.c.id == id).values(updated_at=now_text(), **values))
    if "metadata" in values:
        tx.execute(delete(backup_metadata).where(backup_metadata.c.backup_id == id))
        _write_metadata(tx, id, values["metadata"])


def _write_metadata(tx: Connection, id: str, metadata: Mapping[str, str]) -> None:
    if metadata:
        rows = [{"backup_id": id, "key": key, "value": value} for key, value in metadata.items()]
        tx.execute(insert(backup_metadata), rows)
