"""Cases of what goes to another place, another type, another owner: reverted, taken over, let go, migrated, retyped."""

from sqlalchemy import Connection, select

from lapilli.db import types
from lapilli.db.schema import snapshots, volumes
from lapilli.model.values import Caller
from lapilli.operations import (
    list_manageable,
    manage_snapshot,
    manage_volume,
    migrate_volume,
    retype_volume,
    revert_volume,
    unmanage_volume,
)
from lapilli.operations.admission import Rules
from tests.crash import faults
from tests.crash.cases import Case
from tests.crash.world import Ask, Parts

_ADMIN = Caller("operator", "project", frozenset({"admin"}), is_admin=True)
_RULES = Rules(service_down_time_s=1e9)
_DISK = {"source-name": "disk"}
_MOVED = "available, 1 GiB of m on second"
_TYPE = "55555555-0000-4000-8000-000000000001"


def _volume(tx: Connection, name: str) -> str:
    return str(tx.execute(select(volumes.c.id).where(volumes.c.name == name)).scalar_one())


def _revert(name: str, snapshot: str) -> Ask:
    def ask(tx: Connection) -> None:
        snapshot_id = tx.execute(select(snapshots.c.id).where(snapshots.c.name == snapshot)).scalar_one()
        revert_volume.admit(tx, _ADMIN, _volume(tx, name), snapshot_id)

    return ask


def _manage(name: str) -> Ask:
    wish = manage_volume.Wish(_DISK, host="node@first#first", name=name)
    return lambda tx: manage_volume.admit(tx, _ADMIN, _RULES, wish)


def _manage_snapshot(name: str, volume: str, file: str) -> Ask:
    def ask(tx: Connection) -> object:
        wish = manage_snapshot.Wish(_volume(tx, volume), {"source-name": file}, name=name)
        return manage_snapshot.admit(tx, _ADMIN, _RULES, wish)

    return ask


def _list(tx: Connection) -> object:
    return list_manageable.admit(tx, _ADMIN, "node@first", snapshots=True)


def _unmanage(name: str) -> Ask:
    return lambda tx: unmanage_volume.admit(tx, _ADMIN, _volume(tx, name))


def _migrate(name: str, *, lock: bool = False) -> Ask:
    where = {"host": "node@second#second", "cluster": None}
    return lambda tx: migrate_volume.admit(tx, _ADMIN, _RULES, _volume(tx, name), lock_volume=lock, **where)


def _retype(name: str, **specs: str) -> Ask:
    def ask(tx: Connection) -> object:
        types.add(tx, id=_TYPE, name="another", extra_specs=specs)
        return retype_volume.admit(tx, _ADMIN, _RULES, _volume(tx, name), "another", may_move=True)

    return ask


_FIRST_BREAKS = Parts(driver={"first": faults.BreaksAfterwards})
_COPIES_BADLY = Parts(driver={"second": faults.CopiesBadly})
_NEVER_DELETES = Parts(driver={"first": faults.NeverDeletes})

CASES = (
    Case("revert", _revert("origin", "kept"), {"volume origin": "available, 1 GiB of a on first"}),
    Case(
        "revert, backend fails",
        _revert("origin", "kept"),
        {"volume origin": "error, 1 GiB of a on first"},
        _FIRST_BREAKS,
    ),
    Case("manage", _manage("new"), {"file disk": None, "volume new": "available, 2 GiB of d on first"}),
    Case(
        "manage, backend fails",
        _manage("new"),
        {"volume new": "error_managing, 0 GiB of nothing on nowhere"},
        _FIRST_BREAKS,
    ),
    Case(
        "manage a snapshot that is too large",
        _manage_snapshot("new", "origin", "disk"),
        {"snapshot new": "error, 1 GiB of nothing"},
    ),
    Case(
        "manage a snapshot",
        _manage_snapshot("new", "origin", "older"),
        {"file older": None, "snapshot new": "available, 1 GiB of o"},
    ),
    Case("look for what can be managed", _list, {}),
    Case(
        "unmanage",
        _unmanage("movable"),
        {"volume movable": None, "file that was let go": "m on node@first"},
    ),
    Case("migrate", _migrate("movable"), {"volume movable": _MOVED}),
    Case("migrate, locked", _migrate("movable", lock=True), {"volume movable": _MOVED}),
    Case("migrate, the copy is bad", _migrate("movable"), {}, _COPIES_BADLY),
    Case("migrate, the source stays", _migrate("movable"), {"volume movable": _MOVED}, _NEVER_DELETES),
    Case("retype", _retype("origin"), {}),
    Case("retype, and move", _retype("movable", pool_name="second"), {"volume movable": _MOVED}),
    Case("retype, and stay for want of space", _retype("movable", pool_name="third"), {}),
)
