"""What is asked of backups, and what is seen of them afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, Table, select, update

from lapilli.db.schema import backups, pools, volumes
from lapilli.model.values import Caller
from lapilli.operations import (
    create_backup,
    create_volume_from_backup,
    delete_backup,
    import_backup,
    restore_backup,
)
from lapilli.operations.admission import Rules
from lapilli.stores.posix import PosixSettings

Ask = Callable[[Connection], object]
"""A request's transaction."""

_MIB = 1024**2
_ADMIN = Caller("user", "project", frozenset({"admin"}), is_admin=True)
_RULES = Rules(service_down_time_s=1e9)


def store_settings(directory: Path) -> PosixSettings:
    """Those of a store whose objects are small enough that most of them hold nothing but zeros."""
    return PosixSettings(str(directory), backup_file_size=64 * _MIB, backup_sha_block_size_bytes=_MIB)


def _id(tx: Connection, table: Table, name: str) -> str:
    return str(tx.execute(select(table.c.id).where(table.c.name == name)).scalar_one())


def back_up(name: str, volume: str, *, is_incremental: bool = False, in_use: bool = False) -> Ask:
    """`in_use`: as if the backend could keep the volume as of one moment, which takes another file system."""

    def ask(tx: Connection) -> object:
        if in_use:
            for row in tx.execute(select(pools)).all():
                told = {**row.capabilities, "copies_snapshots": False}
                tx.execute(update(pools).where(pools.c.name == row.name).values(capabilities=told))
        volume_id = _id(tx, volumes, volume)
        wish = create_backup.Wish(volume_id, name=name, is_incremental=is_incremental, force=in_use)
        return create_backup.admit(tx, _ADMIN, _RULES, wish)

    return ask


def delete(name: str, *, force: bool = False) -> Ask:
    return lambda tx: delete_backup.admit(tx, _ADMIN, _RULES, _id(tx, backups, name), force=force)


def restore(name: str, volume: str) -> Ask:
    return lambda tx: restore_backup.admit(tx, _ADMIN, _RULES, _id(tx, backups, name), _id(tx, volumes, volume))


def restore_to_new(name: str) -> Ask:
    return lambda tx: create_volume_from_backup.admit_restore(tx, _ADMIN, _RULES, _id(tx, backups, name), "new")


def import_again(name: str) -> Ask:
    """The row is lost, and comes back by its record."""

    def ask(tx: Connection) -> object:
        (row,) = tx.execute(select(backups, backups.c.id.is_(None).label("has_dependent_backups"))).all()
        assert row.name == name
        text = import_backup.record_of(row)
        tx.execute(backups.delete())
        return import_backup.admit(tx, _ADMIN, _RULES, row.service, text)

    return ask


def both(first: Ask, second: Ask) -> Ask:
    """Two requests, of which the second comes before anybody has begun with the first."""
    return lambda tx: (first(tx), second(tx))


def seen(tx: Connection) -> dict[str, str]:
    """Every backup by its name, in words."""
    rows = tx.execute(select(backups)).all()
    return {f"backup {row.name}": f"{row.status}, {row.object_count} objects" for row in rows}


def problems(tx: Connection, directory: Path) -> Iterator[str]:
    """Files of the store that belong to no backup, and backups that are not whole."""
    stored = {path.relative_to(directory) for path in directory.rglob("*") if path.is_file()}
    for row in tx.execute(select(backups)).all():
        mine = {path for path in stored if path.name.removeprefix(".").startswith(row.service_metadata or row.id)}
        stored -= mine
        # One that failed keeps what it has until it is deleted.
        if row.status == "available" and len(mine) != row.object_count + 2:
            yield f"backup {row.name} has {len(mine)} files instead of {row.object_count + 2}"
    yield from (f"{path} is left in the store" for path in sorted(stored))
