"""What is asked of groups, and what has to be there in the end. All begin with the cloud that `fill` makes."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Table, select

from lapilli.db import group_types
from lapilli.db.schema import group_snapshots, groups, volumes
from lapilli.model.values import Caller
from lapilli.operations import (
    create_group,
    create_group_from_source,
    create_group_snapshot,
    create_volume,
    delete_group,
    delete_group_snapshot,
    extend_volume,
    update_group,
)
from lapilli.operations.admission import Rules
from tests.crash import faults
from tests.crash.cases import Case, mark
from tests.crash.world import Ask, Parts, World

_CALLER = Caller("user", "project", frozenset({"member"}), is_admin=False)
_RULES = Rules()
_TYPE = "__DEFAULT__"


def _id(tx: Connection, table: Table, name: str) -> str:
    return str(tx.execute(select(table.c.id).where(table.c.name == name)).scalar_one())


def _create(name: str) -> Ask:
    def ask(tx: Connection) -> object:
        kind = group_types.find_named(tx, "plain", None)
        assert kind is not None
        return create_group.admit(tx, _CALLER, _RULES, kind, create_group.Wish([_TYPE], name))

    return ask


def _copy(name: str, *, group: str | None = None, snapshot: str | None = None) -> Ask:
    return lambda tx: create_group_from_source.admit(
        tx,
        _CALLER,
        _RULES,
        name=name,
        description=None,
        group_snapshot_id=_id(tx, group_snapshots, snapshot) if snapshot else None,
        source_group_id=_id(tx, groups, group) if group else None,
    )


def _volume(name: str, group: str | None) -> Ask:
    def ask(tx: Connection) -> object:
        wish = create_volume.Wish(1, name=name, volume_type=_TYPE)
        return create_volume.admit(
            tx, _CALLER, _RULES, replace(wish, group_id=_id(tx, groups, group)) if group else wish
        )

    return ask


def _snapshot(name: str, group: str) -> Ask:
    return lambda tx: create_group_snapshot.admit(
        tx, _CALLER, _RULES, _id(tx, groups, group), name=name, description=None
    )


def _delete_snapshot(name: str) -> Ask:
    return lambda tx: delete_group_snapshot.admit(tx, _CALLER, _id(tx, group_snapshots, name))


def _delete(name: str, *, with_volumes: bool) -> Ask:
    return lambda tx: delete_group.admit(tx, _CALLER, _id(tx, groups, name), with_volumes=with_volumes)


def _update(name: str, *, add: Sequence[str], remove: Sequence[str]) -> Ask:
    def ask(tx: Connection) -> object:
        joining, leaving = ([_id(tx, volumes, each) for each in names] for names in (add, remove))
        group_id = _id(tx, groups, name)
        return update_group.admit(tx, _CALLER, group_id, name=None, description=None, add=joining, remove=leaving)

    return ask


def _extend(name: str, size_gib: int) -> Ask:
    return lambda tx: extend_volume.admit(tx, _CALLER, _RULES, _id(tx, volumes, name), size_gib, online=False)


def fill(world: World) -> None:
    """`pair` is of `left` and `right`, and was kept as `before`; `loose` is of `one` and `two`; `alone` is in none."""
    world.write(lambda tx: group_types.add(tx, id="plain", name="plain"))
    members = {"pair": ["left", "right"], "loose": ["one", "two"], "empty": []}
    for group, names in members.items():
        _do(world, _create(group))
        for name in names:
            _do(world, _volume(name, group))
    _do(world, _volume("alone", None))
    for name, letter in (("left", b"l"), ("right", b"r")):
        mark(world.file_of(name), letter)
    _do(world, _snapshot("before", "pair"))
    mark(world.file_of("left"), b"x")


def _do(world: World, ask: Ask) -> None:
    world.write(ask)
    world.finish()


_FIRST_BREAKS = Parts(driver={"first": faults.BreaksAfterwards})
_NEVER_DELETES = Parts(driver={"first": faults.NeverDeletes})
_GONE = "error_deleting, 1 GiB of nothing on first"

GROUP_CASES = (
    Case("group, create", _create("new"), {"group new": "available, of nothing"}, is_quick=True),
    Case(
        "group, create with a volume",
        lambda tx: (_create("new")(tx), _volume("first", "new")(tx)),
        {"group new": "available, of first", "volume first": "available, 1 GiB of zeros on first"},
    ),
    Case(
        "group, create from a group",
        _copy("new", group="pair"),
        {
            "group new": "available, of copy of left, copy of right",
            "volume copy of left": "available, 1 GiB of x on first",
            "volume copy of right": "available, 1 GiB of r on first",
        },
    ),
    Case(
        "group, create from a group snapshot",
        _copy("new", snapshot="before"),
        {
            "group new": "available, of copy of left, copy of right",
            "volume copy of left": "available, 1 GiB of l on first",
            "volume copy of right": "available, 1 GiB of r on first",
        },
    ),
    Case(
        "group, create from a group, backend fails",
        _copy("new", group="pair"),
        {
            "group new": "error, of copy of left, copy of right",
            "volume copy of left": "error, 1 GiB of nothing on nowhere",
            "volume copy of right": "error, 1 GiB of nothing on nowhere",
        },
        Parts(driver={"first": faults.ClonesBadly}),
    ),
    Case(
        "group, create from a group, while a volume of it is extended",
        lambda tx: (_copy("new", group="pair")(tx), _extend("left", 2)(tx)),
        {
            "group new": "available, of copy of left, copy of right",
            "volume copy of left": "available, 1 GiB of x on first",
            "volume copy of right": "available, 1 GiB of r on first",
            "volume left": "available, 2 GiB of x on first",
        },
    ),
    Case(
        "group, update",
        _update("loose", add=["alone"], remove=["one"]),
        {"group loose": "available, of alone, two"},
    ),
    Case("group, delete", _delete("empty", with_volumes=False), {"group empty": None}),
    Case(
        "group, delete with volumes",
        _delete("loose", with_volumes=True),
        {"group loose": None, "volume one": None, "volume two": None},
    ),
    Case(
        "group, delete with volumes, backend fails",
        _delete("loose", with_volumes=True),
        {
            "group loose": "error_deleting, of one, two",
            "volume one": _GONE,
            "volume two": "error_deleting, 1 GiB of zeros on first",
        },
        _NEVER_DELETES,
    ),
    Case(
        "group snapshot, create",
        _snapshot("new", "pair"),
        {
            "group snapshot new": "available",
            "snapshot new of left": "available, 1 GiB of x",
            "snapshot new of right": "available, 1 GiB of r",
        },
    ),
    Case(
        "group snapshot, create, backend fails",
        _snapshot("new", "pair"),
        {
            "group snapshot new": "error",
            "snapshot new of left": "error, 1 GiB of nothing",
            "snapshot new of right": "error, 1 GiB of nothing",
        },
        _FIRST_BREAKS,
    ),
    Case(
        "group snapshot, delete",
        _delete_snapshot("before"),
        {"group snapshot before": None, "snapshot before of left": None, "snapshot before of right": None},
    ),
)
