"""What clients and administrators ask of the cloud: each a request's transaction, with names for ids."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from lapilli.db import types
from lapilli.db.schema import attachments, snapshots, volumes
from lapilli.model.values import Caller
from lapilli.operations import (
    attach_volume,
    connect_attachment,
    create_snapshot,
    create_volume,
    delete_snapshot,
    delete_volume,
    disconnect_attachment,
    extend_volume,
    list_manageable,
    manage_snapshot,
    manage_volume,
    migrate_volume,
    retype_volume,
    revert_volume,
    unmanage_volume,
)
from lapilli.operations.admission import Rules
from tests.conformance.target_lab import ALICE, BOB
from tests.crash.world import Ask

CALLER: Final = Caller("user", "project", frozenset({"member"}), is_admin=False)
RULES: Final = Rules(service_down_time_s=1e9)
_ADMIN = Caller("operator", "project", frozenset({"admin"}), is_admin=True)
_INSTANCE = "11111111-0000-4000-8000-000000000001"
_TYPE = "55555555-0000-4000-8000-000000000001"
_CONNECTORS = {"alice": ALICE, "bob": BOB, "carol": "iqn.1993-08.org.debian:01:carol"}


def id_of(tx: Connection, table: Table, name: str) -> str:
    return str(tx.execute(select(table.c.id).where(table.c.name == name)).scalar_one())


def _attachment(tx: Connection, volume: str, host: str | None) -> str:
    of_volume = select(attachments.c.id).where(attachments.c.volume_id == id_of(tx, volumes, volume))
    return str(tx.execute(of_volume.where(attachments.c.host_name.is_not_distinct_from(host))).scalar_one())


def create(name: str, size_gib: int, *, snapshot: str | None = None, volume: str | None = None) -> Ask:
    def ask(tx: Connection) -> object:
        wish = create_volume.Wish(size_gib, name=name)
        if snapshot:
            wish = replace(wish, snapshot_id=id_of(tx, snapshots, snapshot))
        if volume:
            wish = replace(wish, source_volid=id_of(tx, volumes, volume))
        return create_volume.admit(tx, CALLER, RULES, wish)

    return ask


def delete(name: str, *, cascade: bool = False) -> Ask:
    return lambda tx: delete_volume.admit(tx, CALLER, id_of(tx, volumes, name), cascade=cascade)


def extend(name: str, size_gib: int) -> Ask:
    return lambda tx: extend_volume.admit(tx, CALLER, RULES, id_of(tx, volumes, name), size_gib, online=True)


def snapshot(name: str, volume: str) -> Ask:
    plain: dict[str, Any] = {"description": None, "metadata": {}, "force": False}
    return lambda tx: create_snapshot.admit(tx, CALLER, RULES, id_of(tx, volumes, volume), name=name, **plain)


def remove_snapshot(name: str) -> Ask:
    return lambda tx: delete_snapshot.admit(tx, CALLER, id_of(tx, snapshots, name))


def reserve(volume: str) -> Ask:
    def ask(tx: Connection) -> object:
        return attach_volume.reserve(tx, CALLER, id_of(tx, volumes, volume), instance_id=_INSTANCE, mode=None)

    return ask


def connect(volume: str, host: str) -> Ask:
    def ask(tx: Connection) -> object:
        connector = {"initiator": _CONNECTORS[host], "host": host}
        return connect_attachment.admit(tx, CALLER, _attachment(tx, volume, None), connector)

    return ask


def complete(volume: str, host: str) -> Ask:
    return lambda tx: attach_volume.complete(tx, CALLER, _attachment(tx, volume, host))


def disconnect(volume: str, host: str | None) -> Ask:
    return lambda tx: disconnect_attachment.admit(tx, CALLER, _attachment(tx, volume, host))


def both(first: Ask, second: Ask) -> Ask:
    """Two requests, of which the second comes before anybody has begun with the first."""
    return lambda tx: (first(tx), second(tx))


def revert(name: str, snapshot: str) -> Ask:
    def ask(tx: Connection) -> None:
        revert_volume.admit(tx, _ADMIN, id_of(tx, volumes, name), id_of(tx, snapshots, snapshot))

    return ask


def manage(name: str, host: str = "node@first#first") -> Ask:
    """Take over what is called `disk` on the storage."""
    wish = manage_volume.Wish({"source-name": "disk"}, host=host, name=name)
    return lambda tx: manage_volume.admit(tx, _ADMIN, RULES, wish)


def take_over_snapshot(name: str, volume: str, file: str) -> Ask:
    def ask(tx: Connection) -> object:
        wish = manage_snapshot.Wish(id_of(tx, volumes, volume), {"source-name": file}, name=name)
        return manage_snapshot.admit(tx, _ADMIN, RULES, wish)

    return ask


def look(tx: Connection) -> object:
    return list_manageable.admit(tx, _ADMIN, "node@first", snapshots=True)


def unmanage(name: str) -> Ask:
    return lambda tx: unmanage_volume.admit(tx, _ADMIN, id_of(tx, volumes, name))


def migrate(name: str, *, lock: bool = False) -> Ask:
    where = {"host": "node@second#second", "cluster": None}
    return lambda tx: migrate_volume.admit(tx, _ADMIN, RULES, id_of(tx, volumes, name), lock_volume=lock, **where)


def retype(name: str, **specs: str) -> Ask:
    def ask(tx: Connection) -> object:
        types.add(tx, id=_TYPE, name="another", extra_specs=specs)
        return retype_volume.admit(tx, _ADMIN, RULES, id_of(tx, volumes, name), "another", may_move=True)

    return ask
