"""`openstack` and several volumes at once: groups, their types, snapshots and copies, and the older names for them."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.system.walk.world import CONSISTENT, LEGACY_TYPE, WalkedOpenStack, World


@contextmanager
def _bundle(openstack: WalkedOpenStack) -> Iterator[None]:
    """A type of groups that are copied one volume after the other."""
    openstack.do("volume", "group", "type", "create", "bundle")
    yield
    openstack.do("volume", "group", "type", "delete", "bundle")


def _member(world: World, openstack: WalkedOpenStack, name: str) -> str:
    return world.service.settled(
        "volume", openstack.ask("volume", "create", "--size", "1", "--type", "fast", name)["id"]
    )


def _members(world: World, group: str) -> list[str]:
    return [each["id"] for each in world.service.ask("GET", f"/volumes?group_id={group}")["volumes"]]


def group_types(_world: World, openstack: WalkedOpenStack) -> None:
    """A type of groups is made, changed, and deleted."""
    made = openstack.ask("volume", "group", "type", "create", "--description", "d", "--private", "pack")
    openstack.do("volume", "group", "type", "set", "--name", "bundle", "--public", "--property", "k=v", made["ID"])
    shown = openstack.ask("volume", "group", "type", "show", "bundle")
    assert (shown["ID"], shown["Description"], shown["Is Public"]) == (made["ID"], "d", True)
    assert shown["Properties"] == {"k": "v"}
    (row,) = openstack.ask("volume", "group", "type", "list", "--default")
    assert row["Name"] == "bundle"
    openstack.do("volume", "group", "type", "delete", "bundle")
    assert [each["Name"] for each in openstack.ask("volume", "group", "type", "list")] == [LEGACY_TYPE]


def groups(world: World, openstack: WalkedOpenStack) -> None:
    """A group is made, gets and loses volumes, is copied with a snapshot and without, and deleted with what it has."""
    with _bundle(openstack):
        kinds = ("--volume-group-type", "bundle", "--volume-type", "fast")
        group = openstack.ask("volume", "group", "create", *kinds, "--name", "g")["ID"]
        world.service.settled("group", group)
        volumes = [_member(world, openstack, name) for name in ("m", "n")]
        openstack.do("volume", "group", "add", "volume", "g", "m", "n")
        world.service.settled("group", group)
        openstack.do("volume", "group", "remove", "volume", "g", "n")
        world.service.settled("group", group)
        assert _members(world, group) == volumes[:1]
        world.write(volumes[0], b"then")
        openstack.do("volume", "group", "set", "--name", "h", "--description", "d", "g")
        assert [(row["ID"], row["Name"]) for row in openstack.ask("volume", "group", "list")] == [(group, "h")]
        shown = openstack.ask("volume", "group", "show", "--volumes", "h")
        assert (shown["Description"], shown["Volumes"]) == ("d", volumes[:1])
        # What the client sends is not what Cinder's schemas ask for; `cinder` gets the sentence that says why.
        assert "must not contain" in openstack.refused("volume", "group", "failover", "h")
        assert "must be object" in openstack.refused("volume", "group", "set", "--enable-replication", "h")
        snapshot = openstack.ask("volume", "group", "snapshot", "create", "--name", "s", "h")["ID"]
        world.service.settled("group_snapshot", snapshot)
        assert [row["ID"] for row in openstack.ask("volume", "group", "snapshot", "list")] == [snapshot]
        assert openstack.ask("volume", "group", "snapshot", "show", "s")["Group"] == group
        copies = []
        for option, source in (("--group-snapshot", "s"), ("--source-group", "h")):
            copy = openstack.ask("volume", "group", "create", option, source, "--name", "copy")["ID"]
            copies.append(world.service.settled("group", copy))
            assert [world.read(each) for each in _members(world, copy)] == [b"then"]
        openstack.do("volume", "group", "snapshot", "delete", "s")
        world.gone("group_snapshot", snapshot)
        for each in (group, *copies):
            openstack.do("volume", "group", "delete", "--force", each)
            world.gone("group", each)
    openstack.do("volume", "delete", "n")
    world.gone("volume", volumes[1])


def consistency_groups(world: World, openstack: WalkedOpenStack) -> None:
    """The older names make, change, copy and delete the same things."""
    group = openstack.ask("consistency", "group", "create", "--volume-type", "fast", "c")["id"]
    world.service.settled("consistencygroup", group)
    volumes = [_member(world, openstack, name) for name in ("m", "n")]
    openstack.do("consistency", "group", "add", "volume", "c", "m", "n")
    world.service.settled("consistencygroup", group)
    openstack.do("consistency", "group", "remove", "volume", "c", "n")
    world.service.settled("consistencygroup", group)
    assert _members(world, group) == volumes[:1]
    world.write(volumes[0], b"then")
    openstack.do("consistency", "group", "set", "--name", "d", "c")
    assert [(row["ID"], row["Name"]) for row in openstack.ask("consistency", "group", "list")] == [(group, "d")]
    assert openstack.ask("consistency", "group", "show", "d")["status"] == "available"
    create = ("consistency", "group", "snapshot", "create", "--consistency-group", "d", "s")
    assert "snapshots of one moment" in openstack.refused(*create)
    openstack.do("volume", "group", "type", "set", "--no-property", LEGACY_TYPE)
    snapshot = openstack.ask(*create)["id"]
    world.service.settled("cgsnapshot", snapshot)
    # Without these options the client compares with nothing, and finds nothing.
    which = ("--status", "available", "--consistency-group", "d")
    assert [row["ID"] for row in openstack.ask("consistency", "group", "snapshot", "list", *which)] == [snapshot]
    shown = openstack.ask("consistency", "group", "snapshot", "show", "s")
    assert shown["consistencygroup_id"] == group
    copy = openstack.ask("consistency", "group", "create", "--snapshot", "s", "copy")["id"]
    world.service.settled("consistencygroup", copy)
    assert [world.read(each) for each in _members(world, copy)] == [b"then"]
    openstack.do("volume", "group", "type", "set", "--property", CONSISTENT, LEGACY_TYPE)
    openstack.do("consistency", "group", "snapshot", "delete", "s")
    world.gone("cgsnapshot", snapshot)
    openstack.do("consistency", "group", "delete", "--force", "d", "copy")
    world.gone("consistencygroup", group)
    world.gone("consistencygroup", copy)
    openstack.do("volume", "delete", "n")
    world.gone("volume", volumes[1])


STAGES = (group_types, groups, consistency_groups)
