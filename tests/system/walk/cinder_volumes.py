"""`cinder` and volumes: how they come into being, change, move between backends, are given away, and go."""

from tests.system.clients import Cinder
from tests.system.service import CONNECTOR
from tests.system.walk.world import ONE, SERVER, TWO, WalkedCinder, World


def _volume(world: World, cinder: WalkedCinder, *words: str) -> str:
    id = cinder.ask("create", "--name", "v", "--volume-type", "fast", *words).facts["id"]
    return world.service.settled("volume", id)


def _snapshot(world: World, cinder: WalkedCinder, volume: str, *words: str) -> str:
    return world.service.settled("snapshot", cinder.ask("snapshot-create", *words, volume).facts["id"])


def _delete(world: World, cinder: WalkedCinder, *volumes: str) -> None:
    cinder.ask("delete", "--cascade", *volumes)
    for volume in volumes:
        world.gone("volume", volume)


def changing(world: World, cinder: WalkedCinder) -> None:
    """A volume is made, found, renamed, extended, marked, reset and deleted."""
    volume = _volume(world, cinder, "--metadata", "a=b", "--description", "d", "1")
    (row,) = cinder.ask("list", "--metadata", "a=b").rows
    assert (row["ID"], row["Status"], row["Size"], row["Volume Type"]) == (volume, "available", "1", "fast")
    assert cinder.ask("summary").facts == {"total_count": "1", "total_size": "1", "metadata": "a : ['b']"}
    cinder.ask("rename", "--description", "e", "v", "w")
    cinder.ask("extend", "w", "2")
    world.service.settled("volume", volume)
    cinder.ask("set-bootable", "w", "true")
    cinder.ask("readonly-mode-update", "w", "true")
    cinder.ask("reset-state", "--state", "error", "--attach-status", "detached", "w")
    shown = cinder.ask("show", "w").facts
    assert (shown["description"], shown["size"], shown["bootable"], shown["status"]) == ("e", "2", "true", "error")
    assert world.file_of(volume).stat().st_size == 2 * 1024**3
    cinder.ask("force-delete", "w")
    world.gone("volume", volume)


def metadata(world: World, cinder: WalkedCinder) -> None:
    """Metadata of a volume, and what it keeps of an image, are set, replaced and taken away."""
    volume = _volume(world, cinder, "1")
    cinder.ask("metadata", volume, "set", "a=b", "c=d")
    cinder.ask("metadata", volume, "unset", "a")
    assert cinder.ask("metadata-show", volume).rows == [{"Metadata-property": "c", "Value": "d"}]
    cinder.ask("metadata-update-all", volume, "e=f")
    assert cinder.ask("metadata-show", volume).rows == [{"Metadata-property": "e", "Value": "f"}]
    cinder.ask("image-metadata", volume, "set", "os_distro=none", "min_ram=1")
    cinder.ask("image-metadata", volume, "unset", "min_ram")
    assert cinder.ask("image-metadata-show", volume).rows == [{"Metadata-property": "os_distro", "Value": "none"}]
    _delete(world, cinder, volume)


def snapshots(world: World, cinder: WalkedCinder) -> None:
    """A snapshot is made, found, renamed, marked; its volume goes back to it, and a copy is made of it."""
    volume = _volume(world, cinder, "1")
    world.write(volume, b"then")
    snapshot = _snapshot(world, cinder, volume, "--name", "s", "--metadata", "a=b", "--description", "d")
    (row,) = cinder.ask("snapshot-list", "--volume-id", volume).rows
    assert (row["ID"], row["Name"], row["Status"], row["Size"]) == (snapshot, "s", "available", "1")
    cinder.ask("snapshot-rename", "--description", "e", "s", "t")
    cinder.ask("snapshot-metadata", "t", "set", "c=d")
    cinder.ask("snapshot-metadata", "t", "unset", "a")
    assert cinder.ask("snapshot-metadata-show", "t").rows == [{"Metadata-property": "c", "Value": "d"}]
    cinder.ask("snapshot-metadata-update-all", "t", "e=f")
    shown = cinder.ask("snapshot-show", "t").facts
    assert (shown["volume_id"], shown["description"], shown["metadata"]) == (volume, "e", "{'e': 'f'}")
    world.write(volume, b"now!")
    cinder.ask("revert-to-snapshot", "t")
    world.service.settled("volume", volume)
    assert world.read(volume) == b"then"
    copies = [_volume(world, cinder, "--snapshot-id", snapshot), _volume(world, cinder, "--source-volid", volume, "2")]
    assert [world.read(copy) for copy in copies] == [b"then", b"then"]
    cinder.ask("snapshot-reset-state", "--state", "error", "t")
    cinder.ask("reset-state", "--type", "snapshot", "--state", "available", snapshot)
    cinder.ask("snapshot-delete", "t")
    world.gone("snapshot", snapshot)
    _delete(world, cinder, volume, *copies)


def moving(world: World, cinder: WalkedCinder) -> None:
    """A volume is moved by an administrator, and by a change of its type that may move it."""
    volume = cinder.ask("create", "1").facts["id"]
    world.service.settled("volume", volume)
    world.write(volume, b"kept")
    source = world.backend_of(volume)
    target, kind = (TWO, "fast") if source == ONE else (ONE, "slow")
    cinder.ask("migrate", "--lock-volume", "True", volume, target)
    world.moved(volume, target)
    assert cinder.ask("show", volume).facts["os-vol-mig-status-attr:migstat"] == "success"
    assert "already" in cinder.ask("migrate", volume, target).out
    cinder.ask("retype", "--migration-policy", "on-demand", volume, kind)
    world.moved(volume, source)
    assert cinder.ask("show", volume).facts["volume_type"] == kind
    assert world.read(volume) == b"kept"
    _delete(world, cinder, volume)


def managing(world: World, cinder: WalkedCinder) -> None:
    """A snapshot and its volume are let go, found on the storage, and taken over again."""
    volume = _volume(world, cinder, "1")
    snapshot = _snapshot(world, cinder, volume)
    world.write(volume, b"kept")
    cinder.ask("snapshot-unmanage", snapshot)
    world.gone("snapshot", snapshot)
    found = {row["reference"]: row for row in cinder.ask("snapshot-manageable-list", ONE).rows}
    assert found[f"{{'source-name': 'snapshot-{snapshot}'}}"]["safe_to_manage"] == "True"
    again = cinder.ask("snapshot-manage", "--name", "again", volume, f"snapshot-{snapshot}").facts["id"]
    world.service.settled("snapshot", again)
    assert "snapshots" in cinder.refused("unmanage", volume)
    cinder.ask("snapshot-delete", again)
    world.gone("snapshot", again)
    cinder.ask("unmanage", volume)
    world.gone("volume", volume)
    (row,) = cinder.ask("manageable-list", ONE).rows
    assert (row["reference"], row["size"]) == (f"{{'source-name': 'volume-{volume}'}}", "1")
    options = ("--name", "mine", "--volume-type", "fast", "--metadata", "a=b", "--bootable")
    mine = cinder.ask("manage", *options, f"{ONE}#one", f"volume-{volume}").facts["id"]
    world.service.settled("volume", mine)
    assert world.read(mine) == b"kept"
    assert cinder.ask("show", "mine").facts["bootable"] == "true"
    _delete(world, cinder, mine)


def transfers(world: World, cinder: WalkedCinder) -> None:
    """A volume is offered, the offer is withdrawn, and another one is accepted by another project."""
    volume = _volume(world, cinder, "1")
    cinder.ask("transfer-create", "--name", "first", volume)
    assert cinder.ask("show", volume).facts["status"] == "awaiting-transfer"
    cinder.ask("transfer-delete", "first")
    world.service.settled("volume", volume)
    offer = cinder.ask("transfer-create", "--name", "second", "--no-snapshots", volume).facts
    assert [(row["ID"], row["Volume ID"]) for row in cinder.ask("transfer-list").rows] == [(offer["id"], volume)]
    shown = cinder.ask("transfer-show", "second").facts
    assert (shown["volume_id"], shown["no_snapshots"], "auth_key" in shown) == (volume, "True", False)
    other = Cinder(world.service.endpoint.replace("/demo", "/friends"), "friends")
    assert "key" in cinder.refused("transfer-accept", offer["id"], "wrong")
    assert other.ask("transfer-accept", offer["id"], offer["auth_key"]).facts["volume_id"] == volume
    assert cinder.ask("list").rows == []
    assert other.ask("show", volume).facts["os-vol-tenant-attr:tenant_id"] == "friends"
    other.ask("delete", volume)
    world.gone("volume", volume)


def attachments(world: World, cinder: WalkedCinder) -> None:
    """A volume is reserved, exported, in use, and given back."""
    volume = _volume(world, cinder, "1")
    attachment = cinder.ask("attachment-create", volume, SERVER).facts["id"]
    assert cinder.ask("show", volume).facts["status"] == "reserved"
    host = ("--initiator", CONNECTOR["initiator"], "--host", "host", "--ip", "127.0.0.1")
    cinder.ask("attachment-update", attachment, *map(str, host))
    cinder.ask("attachment-complete", attachment)
    assert cinder.ask("show", volume).facts["status"] == "in-use"
    (row,) = cinder.ask("attachment-list", "--volume-id", volume).rows
    assert (row["ID"], row["Server ID"], row["Status"]) == (attachment, SERVER, "attached")
    assert cinder.ask("attachment-show", attachment).facts["volume_id"] == volume
    assert "is attached" in cinder.refused("delete", volume)
    cinder.ask("attachment-delete", attachment)
    world.service.settled("volume", volume)
    _delete(world, cinder, volume)


STAGES = (changing, metadata, snapshots, moving, managing, transfers, attachments)
