"""`openstack` and volumes: they, their snapshots, transfers, attachments and backups."""

from typing import Any

from tests.system.clients import OpenStack
from tests.system.service import CONNECTOR
from tests.system.walk.world import ONE, SERVER, TWO, WalkedOpenStack, World


def _volume(world: World, openstack: WalkedOpenStack, *words: str) -> str:
    made = openstack.ask("volume", "create", "--type", "fast", *words, "v")["id"]
    return world.service.settled("volume", made)


def _delete(world: World, openstack: WalkedOpenStack, *volumes: str) -> None:
    openstack.do("volume", "delete", "--cascade", *volumes)
    for volume in volumes:
        world.gone("volume", volume)


def volumes(world: World, openstack: WalkedOpenStack) -> None:
    """A volume is made, found, changed in every way, and deleted."""
    volume = _volume(world, openstack, "--size", "1", "--property", "a=b", "--description", "d", "--read-only")
    (row,) = openstack.ask("volume", "list", "--long", "--property", "a=b")
    assert (row["ID"], row["Status"], row["Size"], row["Type"]) == (volume, "available", 1, "fast")
    openstack.do("volume", "set", "--name", "w", "--description", "e", "--property", "c=d", "--read-write", "v")
    openstack.do("volume", "set", "--image-property", "os_distro=none", "--image-property", "os_type=x", "w")
    openstack.do("volume", "unset", "--property", "a", "--image-property", "os_type", "w")
    openstack.do("volume", "set", "--bootable", "--size", "2", "w")
    world.service.settled("volume", volume)
    shown = openstack.ask("volume", "show", "w")
    assert (shown["description"], shown["size"], shown["bootable"]) == ("e", 2, True)
    assert shown["properties"] == {"c": "d", "readonly": "False"}
    assert shown["volume_image_metadata"] == {"os_distro": "none"}
    assert openstack.ask("volume", "summary") == {"Total Count": 1, "Total Size": 2, "Metadata": {"c": ["d"]}}
    openstack.do("volume", "set", "--state", "error", "w")
    openstack.do("volume", "delete", "--force", "w")
    world.gone("volume", volume)


def snapshots(world: World, openstack: WalkedOpenStack) -> None:
    """A snapshot is made, found, changed, gone back to, copied and deleted."""
    volume = _volume(world, openstack, "--size", "1")
    world.write(volume, b"then")
    words = ("--volume", volume, "--property", "a=b", "--description", "d")
    snapshot = openstack.ask("volume", "snapshot", "create", *words, "s")["id"]
    world.service.settled("snapshot", snapshot)
    (row,) = openstack.ask("volume", "snapshot", "list", "--volume", volume)
    assert (row["ID"], row["Name"], row["Status"], row["Size"]) == (snapshot, "s", "available", 1)
    openstack.do("volume", "snapshot", "set", "--name", "t", "--property", "c=d", "s")
    openstack.do("volume", "snapshot", "unset", "--property", "a", "t")
    assert openstack.ask("volume", "snapshot", "show", "t")["properties"] == {"c": "d"}
    world.write(volume, b"now!")
    openstack.do("volume", "revert", "t")
    world.service.settled("volume", volume)
    copies = [_volume(world, openstack, "--snapshot", "t"), _volume(world, openstack, "--source", volume)]
    assert [world.read(each) for each in (volume, *copies)] == [b"then"] * 3
    openstack.do("volume", "snapshot", "set", "--state", "error", "t")
    openstack.do("volume", "snapshot", "delete", "t")
    world.gone("snapshot", snapshot)
    _delete(world, openstack, volume, *copies)


def moving(world: World, openstack: WalkedOpenStack) -> None:
    """A volume is moved by an administrator, and by a change of its type that may move it."""
    volume = openstack.ask("volume", "create", "--size", "1", "v")["id"]
    world.service.settled("volume", volume)
    world.write(volume, b"kept")
    source = world.backend_of(volume)
    target, kind = (TWO, "fast") if source == ONE else (ONE, "slow")
    openstack.do("volume", "migrate", "--host", target, "v")
    world.moved(volume, target)
    openstack.do("volume", "set", "--type", kind, "--migration-policy", "on-demand", "v")
    world.moved(volume, source)
    shown = openstack.ask("volume", "show", "v")
    assert (shown["type"], shown["os-vol-mig-status-attr:migstat"]) == (kind, "success")
    assert world.read(volume) == b"kept"
    _delete(world, openstack, volume)


def managing(world: World, openstack: WalkedOpenStack) -> None:
    """A snapshot and its volume are let go, found on the storage, and the volume is taken over again."""
    volume = _volume(world, openstack, "--size", "1")
    world.write(volume, b"kept")
    snapshot = openstack.ask("volume", "snapshot", "create", "--volume", volume, "s")["id"]
    world.service.settled("snapshot", snapshot)
    openstack.do("volume", "snapshot", "delete", "--remote", snapshot)
    world.gone("snapshot", snapshot)
    (row,) = openstack.ask("block", "storage", "snapshot", "manageable", "list", ONE)
    assert (row["reference"], row["safe_to_manage"]) == ({"source-name": f"snapshot-{snapshot}"}, True)
    words = ("--volume", volume, "--remote-source", f"source-name=snapshot-{snapshot}")
    again = openstack.ask("volume", "snapshot", "create", *words, "again")["id"]
    world.service.settled("snapshot", again)
    openstack.do("volume", "snapshot", "delete", "again")
    world.gone("snapshot", again)
    openstack.do("volume", "delete", "--remote", volume)
    world.gone("volume", volume)
    (row,) = openstack.ask("block", "storage", "volume", "manageable", "list", "--long", ONE)
    assert (row["reference"], row["size"]) == ({"source-name": f"volume-{volume}"}, 1)
    source = ("--remote-source", f"source-name=volume-{volume}", "--host", f"{ONE}#one", "--non-bootable")
    mine = _volume(world, openstack, *source)
    assert world.read(mine) == b"kept"
    _delete(world, openstack, mine)


def transfers(world: World, openstack: WalkedOpenStack) -> None:
    """A volume is offered, the offer is withdrawn, and another one is accepted by another project."""
    volume = _volume(world, openstack, "--size", "1")
    first = openstack.ask("volume", "transfer", "request", "create", "--name", "first", volume)["id"]
    openstack.do("volume", "transfer", "request", "delete", first)
    world.service.settled("volume", volume)
    offer = openstack.ask("volume", "transfer", "request", "create", "--no-snapshots", "--name", "second", volume)
    (row,) = openstack.ask("volume", "transfer", "request", "list")
    assert (row["ID"], row["Name"], row["Volume"]) == (offer["id"], "second", volume)
    assert openstack.ask("volume", "transfer", "request", "show", "second")["volume_id"] == volume
    accept = ("volume", "transfer", "request", "accept", "--auth-key")
    assert "key" in openstack.refused(*accept, "wrong", offer["id"])
    endpoint = world.service.endpoint.replace("/demo", "/friends")
    other = OpenStack("--os-auth-type", "none", "--os-endpoint", endpoint)
    assert other.ask(*accept, offer["auth_key"], offer["id"])["volume_id"] == volume
    assert openstack.ask("volume", "list") == []
    assert other.ask("volume", "show", volume)["os-vol-tenant-attr:tenant_id"] == "friends"
    other.do("volume", "delete", volume)
    world.gone("volume", volume)


def attachments(world: World, openstack: WalkedOpenStack) -> None:
    """An attachment is listed, shown, exported, completed and deleted.

    To make one, the client asks Nova for the server, and says that there is none: nothing has reached this service.
    """
    volume = _volume(world, openstack, "--size", "1")
    said = openstack.refused("volume", "attachment", "create", "--server", SERVER, volume)
    assert f"servers/detail?name={SERVER}" in said
    assert openstack.ask("volume", "attachment", "list") == []
    wish: Any = {"attachment": {"volume_uuid": volume, "instance_uuid": SERVER}}
    world.service.ask("POST", "/attachments", wish)
    (row,) = openstack.ask("volume", "attachment", "list", "--volume-id", volume)
    assert (row["Volume ID"], row["Server ID"], row["Status"]) == (volume, SERVER, "reserved")
    host = ("--initiator", CONNECTOR["initiator"], "--host", "host", "--ip", "127.0.0.1")
    exported = openstack.ask("volume", "attachment", "set", *map(str, host), row["ID"])["Properties"]
    assert exported["driver_volume_type"] == "iscsi"
    openstack.do("volume", "attachment", "complete", row["ID"])
    assert openstack.ask("volume", "attachment", "show", row["ID"])["Status"] == "attached"
    openstack.do("volume", "attachment", "delete", row["ID"])
    world.service.settled("volume", volume)
    _delete(world, openstack, volume)


def backups(world: World, openstack: WalkedOpenStack) -> None:
    """A volume is backed up twice, changed, restored and exported."""
    volume = _volume(world, openstack, "--size", "1")
    create = ("volume", "backup", "create", "--property", "a=b", "--name")
    first = world.service.settled("backup", openstack.ask(*create, "first", volume)["id"])
    world.write(volume, b"more")
    second = world.service.settled("backup", openstack.ask(*create, "second", "--incremental", volume)["id"])
    listed = openstack.ask("volume", "backup", "list", "--volume", volume)
    assert {row["ID"]: row["Name"] for row in listed} == {first: "first", second: "second"}
    openstack.do("volume", "backup", "set", "--name", "base", "--description", "d", "--property", "c=d", "first")
    # The client asks for a URL that Cinder does not have.
    assert "could not be found" in openstack.refused("volume", "backup", "unset", "--property", "a", "base")
    shown = openstack.ask("volume", "backup", "show", "base")
    assert (shown["description"], shown["has_dependent_backups"]) == ("d", True)
    assert world.shown("backup", first)["metadata"] == {"a": "b", "c": "d"}
    restored = openstack.ask("volume", "backup", "restore", "--force", "base", volume)
    assert restored["volume_id"] == volume
    world.service.settled("volume", volume)
    assert world.read(volume) == bytes(4)
    record = openstack.ask("volume", "backup", "record", "export", second)
    words = (record["backup_service"], record["backup_url"])
    # The client asks for a URL that Cinder does not have; `cinder` imports.
    assert "could not be found" in openstack.refused("volume", "backup", "record", "import", *words)
    openstack.do("volume", "backup", "delete", second)
    world.gone("backup", second)
    openstack.do("volume", "backup", "delete", "--force", first)
    world.gone("backup", first)
    _delete(world, openstack, volume)


STAGES = (volumes, snapshots, moving, managing, transfers, attachments, backups)
