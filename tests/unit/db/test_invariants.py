"""The invariants: silent while all is well, and each with a case that breaks it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from lapilli.db import attachments, backups, group_snapshots, group_types, groups, pools, volumes
from lapilli.db.engine import Database
from lapilli.db.invariants import INVARIANTS, check
from lapilli.db.schema import accounts, exports, holds, operations, snapshots
from lapilli.db.schema import pools as pool_table
from lapilli.db.schema import volumes as volume_table
from tests.conformance.databases import TYPE, add_pool, add_volume, new_id

POOL = "h@a#p"


def submit(tx: Connection, subject: str, **values: Any) -> str:
    row = {"id": new_id(), "kind": "k", "subject": subject, "queue": "volume:h@a", "step": "s", "due_at": 1.0}
    tx.execute(insert(operations).values(**{**row, "created_at": "2026", **values}))
    tx.execute(insert(holds).values(resource=subject, operation=row["id"]))
    return str(row["id"])


def add_snapshot(tx: Connection, volume_id: str, **values: Any) -> str:
    row = {"id": new_id(), "project_id": "p", "user_id": "u", "volume_id": volume_id, "volume_type_id": TYPE}
    tx.execute(
        insert(snapshots).values(**{**row, "size_gib": 1, "status": "available", "created_at": "2026", **values})
    )
    return str(row["id"])


def place(tx: Connection, **values: Any) -> str:
    """An available volume in the pool."""
    volume_id = add_volume(tx, host=POOL, **values)
    volumes.move(tx, volume_id, "provisioned")
    assert pools.take(tx, POOL, values.get("size_gib", 1), volumes=1, limit_gib=1000.0)
    return volume_id


def attach(tx: Connection, **values: Any) -> str:
    volume_id = place(tx)
    attachment_id = new_id()
    attachments.add(tx, id=attachment_id, volume_id=volume_id, project_id="p")
    attachments.move(tx, attachment_id, "connect", connector={"initiator": "iqn.x"}, **values)
    tx.execute(insert(exports).values(volume_id=volume_id, username="u", password="p"))
    return attachment_id


def add_group(tx: Connection) -> dict[str, str]:
    """A group with a group snapshot, both available; their ids."""
    ids = {"group": new_id(), "group_snapshot": new_id()}
    group_types.add(tx, id=new_id(), name="t")
    kind = group_types.list_all(tx, None)[0].id
    whose = {"project_id": "p", "user_id": "u", "group_type_id": kind}
    groups.add(tx, [TYPE], id=ids["group"], **whose)
    groups.move(tx, ids["group"], "created")
    group_snapshots.add(tx, id=ids["group_snapshot"], group_id=ids["group"], **whose)
    group_snapshots.move(tx, ids["group_snapshot"], "created")
    return ids


def add_backup(tx: Connection, volume_id: str) -> str:
    """An available backup; its id."""
    backup_id = new_id()
    backups.add(tx, id=backup_id, project_id="p", user_id="u", volume_id=volume_id, size_gib=1)
    backups.move(tx, backup_id, "created")
    return backup_id


def fill(tx: Connection) -> dict[str, str]:
    """One of everything, all of it well."""
    add_pool(tx, POOL, others=["h@b#p"])
    volumes.set_status(tx, place(tx), "creating")
    creating = add_volume(tx)
    extending = place(tx, size_gib=2)
    volumes.move(tx, extending, "extend", charged_gib=10)
    waiting = place(tx, size_gib=2)
    volumes.move(tx, waiting, "extend", charged_gib=10)
    pools.take(tx, POOL, 8, volumes=0, limit_gib=1000.0)
    copied = place(tx)
    pools.take(tx, POOL, 1, volumes=0, limit_gib=1000.0)
    wiping = submit(tx, "wiped")
    pools.take(tx, POOL, 4, volumes=0, limit_gib=1000.0)
    pools.keep_back(tx, wiping, POOL, 4)
    detaching = attach(tx)
    attachments.move(tx, detaching, "detach")
    connecting = attach(tx)
    finished = submit(tx, "gone")
    tx.execute(holds.delete().where(holds.c.operation == finished))
    tx.execute(update(operations).where(operations.c.id == finished).values(due_at=None, outcome="done"))
    return {
        "creating": creating,
        "extending": extending,
        "copied": copied,
        "snapshot": add_snapshot(tx, copied, allocated_gib=1),
        "attached": attach(tx),
        "connecting": connecting,
        "finished": finished,
        "wiping": wiping,
        "operation": submit(tx, creating, queue="scheduler"),
        "growing": submit(tx, extending),
        "waiting": submit(tx, waiting, queue="scheduler"),
        "connect": submit(tx, connecting),
        "disconnect": submit(tx, detaching),
        "backup": add_backup(tx, copied),
        **add_group(tx),
    }


def set_volume(id: str, **values: Any) -> Callable[[Connection, dict[str, str]], Any]:
    return lambda tx, ids: tx.execute(update(volume_table).where(volume_table.c.id == ids[id]).values(**values))


def set_operation(id: str, **values: Any) -> Callable[[Connection, dict[str, str]], Any]:
    return lambda tx, ids: tx.execute(update(operations).where(operations.c.id == ids[id]).values(**values))


def set_attachment(tx: Connection, id: str, **values: Any) -> None:
    attachments.change(tx, id, **values)


def let_go(tx: Connection, ids: dict[str, str]) -> None:
    tx.execute(holds.delete().where(holds.c.operation == ids["operation"]))


BREAKS: dict[str, Callable[[Connection, dict[str, str]], Any]] = {
    "transient_volume_is_held": let_go,
    "held_volume_is_transient": set_volume("creating", status="available"),
    "transient_snapshot_is_held": lambda tx, ids: add_snapshot(tx, ids["copied"], status="deleting"),
    "held_snapshot_is_transient": lambda tx, ids: submit(tx, ids["snapshot"]),
    "transient_attachment_is_held": lambda tx, ids: set_attachment(tx, ids["attached"], status="detaching"),
    "held_attachment_is_transient": lambda tx, ids: set_attachment(tx, ids["connecting"], status="reserved"),
    "transient_group_is_held": lambda tx, ids: groups.move(tx, ids["group"], "update"),
    "held_group_is_transient": lambda tx, ids: submit(tx, ids["group"]),
    "transient_group_snapshot_is_held": lambda tx, ids: group_snapshots.move(tx, ids["group_snapshot"], "delete"),
    "held_group_snapshot_is_transient": lambda tx, ids: submit(tx, ids["group_snapshot"]),
    "transient_backup_is_held": lambda tx, ids: backups.move(tx, ids["backup"], "delete"),
    "held_backup_is_transient": lambda tx, ids: submit(tx, ids["backup"]),
    "group_is_there": set_volume("copied", group_id="gone"),
    "group_snapshot_is_there": lambda tx, ids: tx.execute(
        update(snapshots).where(snapshots.c.id == ids["snapshot"]).values(group_snapshot_id="gone")
    ),
    "pool_is_exact": lambda tx, _ids: tx.execute(
        update(pool_table).where(pool_table.c.name == "h@b#p").values(allocated_gib=5)
    ),
    "account_is_exact": lambda tx, _ids: tx.execute(update(accounts).values(allocated_gib=5)),
    "volume_count_is_exact": lambda tx, _ids: tx.execute(update(pool_table).values(volume_count=77)),
    "pool_is_known": set_volume("copied", host="h@gone#p"),
    "leftover_is_seen_to": set_operation("wiping", due_at=None, outcome="done"),
    "quota_counts_the_size": set_volume("copied", charged_gib=9),
    "live_operation_is_due": set_operation("operation", due_at=None),
    "live_operation_holds_its_subject": let_go,
    "finished_operation_holds_nothing": set_operation("operation", due_at=None, outcome="done"),
    "export_is_needed": lambda tx, ids: set_attachment(tx, ids["attached"], connector=None),
    "connected_attachment_is_exported": lambda tx, _ids: tx.execute(exports.delete()),
}


@pytest.mark.parametrize("name", [invariant.name for invariant in INVARIANTS])
def test_each_finds_what_breaks_it(db: Database, name: str) -> None:
    """Rows that are well break nothing; one that is not is named with what is the matter."""
    ids = db.write(fill)
    with db.read() as tx:
        assert check(tx) == []
    db.write(lambda tx: BREAKS[name](tx, ids))
    with db.read() as tx:
        found = {violation.name: violation for violation in check(tx)}
    assert found[name].sentence in str(found[name])
    assert "Not so: " in str(found[name])


def test_growth_counts_once_it_is_reserved(db: Database) -> None:
    """An extend that still looks for space has taken none, and one that grows has taken its growth."""
    ids = db.write(fill)
    db.write(lambda tx: set_operation("growing", queue="scheduler")(tx, ids))
    with db.read() as tx:
        assert {violation.name for violation in check(tx)} == {"pool_is_exact", "account_is_exact"}


def test_nothing_is_wrong_with_nothing(db: Database) -> None:
    """An empty database breaks nothing."""
    with db.read() as tx:
        assert check(tx) == []
