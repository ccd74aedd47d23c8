"""What the tests of groups ask for in the lab."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from lapilli.db import group_snapshots, group_types, groups, quotas
from lapilli.db.rows import AnyRow
from lapilli.model.values import Caller
from lapilli.operations import (
    create_group,
    create_group_from_source,
    create_group_snapshot,
    delete_group,
    delete_group_snapshot,
    update_group,
)
from lapilli.operations.admission import Rules
from tests.unit.operations.lab import RULES, TENANT, Lab

DEFAULT_TYPE = "__DEFAULT__"
CONSISTENT = {"consistent_group_snapshot_enabled": "<is> True"}


UNLIMITED = dict.fromkeys(("volumes", "snapshots", "gigabytes", "groups"), -1)
"""Limits of the configuration for a test that sets the tenant's own."""


def limit(lab: Lab, resource: str = "", most: int = -1) -> None:
    """The tenant has this limit of its own, and no other."""

    def write(tx: Connection) -> None:
        quotas.forget_limits(tx, "p")
        quotas.set_limits(tx, "p", {resource: most} if resource else {})

    lab.db.write(write)


def group_type(lab: Lab, name: str = "plain", **specs: str) -> AnyRow:
    """A group type of that name."""

    def make(tx: Connection) -> AnyRow:
        found = group_types.find_named(tx, name, None)
        if found is None:
            group_types.add(tx, id=name, name=name, group_specs=specs)
        return group_types.get(tx, name, None)

    return lab.db.write(make)


def begin_group(
    lab: Lab,
    types: Sequence[str] = (DEFAULT_TYPE,),
    *,
    rules: Rules = RULES,
    caller: Caller = TENANT,
    specs: dict[str, str] | None = None,
    **wish: Any,
) -> str:
    """A group that was asked for; its id."""
    kind = group_type(lab, "special", **specs) if specs else group_type(lab)
    return lab.ask(create_group.admit, caller, rules, kind, create_group.Wish(types, **wish))


def make_group(lab: Lab, types: Sequence[str] = (DEFAULT_TYPE,), **wish: Any) -> str:
    """A group, worked off; its id."""
    group_id = begin_group(lab, types, **wish)
    lab.work()
    return group_id


def make_member(lab: Lab, group_id: str, size_gib: int = 1, volume_type: str = DEFAULT_TYPE, **wish: Any) -> str:
    """A volume in the group, worked off; its id."""
    return lab.create(size_gib, group_id=group_id, volume_type=volume_type, **wish)


def begin_copy(
    lab: Lab,
    *,
    group_id: str | None = None,
    snapshot_id: str | None = None,
    rules: Rules = RULES,
    caller: Caller = TENANT,
) -> str:
    """A group made from another or from a group snapshot, as asked for; its id."""
    return lab.ask(
        create_group_from_source.admit,
        caller,
        rules,
        name="copy",
        description=None,
        group_snapshot_id=snapshot_id,
        source_group_id=group_id,
    )


def begin_group_snapshot(lab: Lab, group_id: str, *, rules: Rules = RULES, caller: Caller = TENANT) -> str:
    """A group snapshot that was asked for; its id."""
    return lab.ask(create_group_snapshot.admit, caller, rules, group_id, name="s", description=None)


def make_group_snapshot(lab: Lab, group_id: str) -> str:
    """A group snapshot, worked off; its id."""
    snapshot_id = begin_group_snapshot(lab, group_id)
    lab.work()
    return snapshot_id


def update(
    lab: Lab,
    group_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    caller: Caller = TENANT,
) -> None:
    """A change that was asked for."""
    lab.ask(update_group.admit, caller, group_id, name=name, description=description, add=add, remove=remove)


def delete(lab: Lab, group_id: str, *, with_volumes: bool = False, caller: Caller = TENANT) -> None:
    """A deletion that was asked for."""
    lab.ask(delete_group.admit, caller, group_id, with_volumes=with_volumes)


def delete_snapshot(lab: Lab, group_snapshot_id: str, *, caller: Caller = TENANT) -> None:
    """A deletion that was asked for."""
    lab.ask(delete_group_snapshot.admit, caller, group_snapshot_id)


def group(lab: Lab, id: str) -> AnyRow:
    return lab.see(groups.get, id, None)


def status(lab: Lab, id: str) -> str:
    """The status of a group or of a group snapshot; `gone` if there is none of that id."""
    with lab.db.read() as tx:
        row = groups.find(tx, id, None) or group_snapshots.find(tx, id, None)
    return "gone" if row is None else str(row.status)


def members(lab: Lab, group_id: str) -> Sequence[AnyRow]:
    """The volumes of a group, the oldest first."""
    return lab.see(groups.volumes_of, group_id)


def pieces(lab: Lab, group_snapshot_id: str) -> Sequence[AnyRow]:
    """The snapshots of a group snapshot, the oldest first."""
    return lab.db.write(lambda tx: group_snapshots.lock_snapshots(tx, group_snapshot_id))
