"""`cinder` and several volumes at once: groups, their snapshots and copies, and the same under the older names."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.system.walk.world import CONSISTENT, LEGACY_TYPE, WalkedCinder, World


@contextmanager
def _bundle(cinder: WalkedCinder) -> Iterator[None]:
    """A type of groups that are copied one volume after the other."""
    cinder.ask("group-type-create", "bundle")
    yield
    cinder.ask("group-type-delete", "bundle")


def _member(world: World, cinder: WalkedCinder, *words: str) -> str:
    id = cinder.ask("create", "--name", "m", "--volume-type", "fast", *words, "1").facts["id"]
    return world.service.settled("volume", id)


def _members(cinder: WalkedCinder, group: str) -> list[str]:
    return [row["ID"] for row in cinder.ask("list", "--group_id", group).rows]


def groups(world: World, cinder: WalkedCinder) -> None:
    """A group is made, gets and loses volumes, is renamed, reset, and deleted with what it has."""
    with _bundle(cinder):
        group = cinder.ask("group-create", "--name", "g", "--description", "d", "bundle", "fast").facts["id"]
        world.service.settled("group", group)
        inside = _member(world, cinder, "--group-id", group)
        outside = _member(world, cinder)
        cinder.ask("group-update", "--name", "h", "--add-volumes", outside, "--remove-volumes", inside, "g")
        world.service.settled("group", group)
        assert _members(cinder, group) == [outside]
        assert [(row["ID"], row["Name"]) for row in cinder.ask("group-list").rows] == [(group, "h")]
        shown = cinder.ask("group-show", "--list-volume", "True", "h").facts
        assert (shown["description"], shown["volumes"]) == ("d", f"['{outside}']")
        cinder.ask("reset-state", "--type", "group", "--state", "error", group)
        assert cinder.ask("group-show", "h").facts["status"] == "error"
        cinder.ask("reset-state", "--type", "group", "--state", "available", group)
        cinder.ask("group-delete", "--delete-volumes", "h")
        world.gone("group", group)
        world.gone("volume", outside)
        cinder.ask("delete", inside)
        world.gone("volume", inside)


def group_snapshots(world: World, cinder: WalkedCinder) -> None:
    """A group is copied: as it is, and as it was at a snapshot."""
    with _bundle(cinder):
        group = world.service.settled("group", cinder.ask("group-create", "--name", "g", "bundle", "fast").facts["id"])
        world.write(_member(world, cinder, "--group-id", group), b"then")
        made = cinder.ask("group-snapshot-create", "--name", "s", "--description", "d", "g").facts["id"]
        world.service.settled("group_snapshot", made)
        (row,) = cinder.ask("group-snapshot-list").rows
        assert (row["ID"], row["Status"], row["Name"]) == (made, "available", "s")
        assert cinder.ask("group-snapshot-show", "s").facts["group_id"] == group
        copies = []
        for option, source in (("--group-snapshot", made), ("--source-group", group)):
            copy = cinder.ask("group-create-from-src", option, source, "--name", "copy").facts["id"]
            copies.append(world.service.settled("group", copy))
            assert [world.read(member) for member in _members(cinder, copy)] == [b"then"]
        cinder.ask("group-snapshot-delete", "s")
        world.gone("group_snapshot", made)
        cinder.ask("group-delete", "--delete-volumes", group, *copies)
        for each in (group, *copies):
            world.gone("group", each)


def group_replication(world: World, cinder: WalkedCinder) -> None:
    """No backend replicates groups: each command is refused, and says what is missing."""
    with _bundle(cinder):
        group = world.service.settled("group", cinder.ask("group-create", "bundle", "slow").facts["id"])
        commands = ("enable-replication", "disable-replication", "failover-replication", "list-replication-targets")
        for command in commands:
            assert "does not ask for replication" in cinder.refused(f"group-{command}", group)
        cinder.ask("group-type-key", "bundle", "set", "group_replication_enabled=<is> True")
        cinder.ask("type-key", "slow", "set", "replication_enabled=<is> True")
        for command in commands:
            assert "does not replicate groups" in cinder.refused(f"group-{command}", group)
        cinder.ask("type-key", "slow", "unset", "replication_enabled")
        cinder.ask("group-delete", group)
        world.gone("group", group)


def consistency_groups(world: World, cinder: WalkedCinder) -> None:
    """The older names make, change, copy and delete the same things."""
    group = cinder.ask("consisgroup-create", "--name", "c", "fast").facts["id"]
    world.service.settled("consistencygroup", group)
    member = _member(world, cinder)
    world.write(member, b"then")
    cinder.ask("consisgroup-update", "--name", "d", "--add-volumes", member, "c")
    world.service.settled("consistencygroup", group)
    assert cinder.ask("show", member).facts["group_id"] == group
    assert [(row["ID"], row["Name"]) for row in cinder.ask("consisgroup-list").rows] == [(group, "d")]
    assert cinder.ask("consisgroup-show", "d").facts["status"] == "available"
    assert "snapshots of one moment" in cinder.refused("cgsnapshot-create", "--name", "s", "d")
    cinder.ask("group-type-key", LEGACY_TYPE, "unset", CONSISTENT.partition("=")[0])
    snapshot = cinder.ask("cgsnapshot-create", "--name", "s", "d").facts["id"]
    world.service.settled("cgsnapshot", snapshot)
    assert [row["ID"] for row in cinder.ask("cgsnapshot-list").rows] == [snapshot]
    assert cinder.ask("cgsnapshot-show", "s").facts["consistencygroup_id"] == group
    copy = cinder.ask("consisgroup-create-from-src", "--cgsnapshot", "s", "--name", "copy").facts["id"]
    world.service.settled("consistencygroup", copy)
    assert [world.read(each) for each in _members(cinder, copy)] == [b"then"]
    cinder.ask("group-type-key", LEGACY_TYPE, "set", CONSISTENT)
    cinder.ask("cgsnapshot-delete", "s")
    world.gone("cgsnapshot", snapshot)
    cinder.ask("consisgroup-delete", "--force", "d", "copy")
    world.gone("consistencygroup", group)
    world.gone("consistencygroup", copy)


STAGES = (groups, group_snapshots, group_replication, consistency_groups)
