"""The SDK and volumes: they, their snapshots, transfers, attachments and backups."""

from typing import Any

import openstack
import pytest
from openstack.exceptions import BadRequestException, NotFoundException

from tests.system.service import CONNECTOR
from tests.system.walk.world import ONE, SERVER, TWO, WalkedStorage, World


def _volume(world: World, storage: WalkedStorage, **facts: Any) -> str:
    made = storage.create_volume(**{"size": 1, "volume_type": "fast", **facts})
    return str(storage.wait_for_status(made, "available", interval=0.05).id)


def _delete(storage: WalkedStorage, *volumes: str) -> None:
    for volume in volumes:
        gone = storage.get_volume(volume)
        storage.delete_volume(gone, cascade=True)
        storage.wait_for_delete(gone, interval=0.05)


def volumes(world: World, storage: WalkedStorage) -> None:
    """A volume is made, found, changed in every way, and deleted."""
    volume = _volume(world, storage, name="v", metadata={"a": "b"})
    assert storage.find_volume("v", ignore_missing=False).id == volume
    assert [each.id for each in storage.volumes(name="v")] == [volume]
    storage.update_volume(volume, name="w")
    storage.set_volume_metadata(volume, c="d")
    storage.delete_volume_metadata(volume, ["a"])
    assert storage.fetch_volume_metadata(volume).metadata == {"c": "d"}
    assert storage.get_volume_metadata(volume).metadata == {"c": "d"}
    storage.set_volume_image_metadata(volume, os_distro="none", os_type="x")
    storage.delete_volume_image_metadata(volume, ["os_type"])
    storage.set_volume_bootable_status(volume, True)
    storage.set_volume_readonly(volume, True)
    storage.extend_volume(volume, 2)
    world.service.settled("volume", volume)
    with pytest.raises(BadRequestException, match="not being extended"):
        storage.complete_volume_extend(volume)
    shown = storage.get_volume(volume)
    assert (shown.name, shown.size, shown.is_bootable) == ("w", 2, True)
    assert shown.volume_image_metadata == {"os_distro": "none"}
    assert storage.summary(False).total_size == 2
    storage.reset_volume_status(volume, "error", "detached", None)
    assert storage.get_volume(volume).status == "error"
    _delete(storage, volume)


def snapshots(world: World, storage: WalkedStorage) -> None:
    """A snapshot is made, found, changed, gone back to, and deleted."""
    volume = _volume(world, storage)
    world.write(volume, b"then")
    snapshot = storage.wait_for_status(storage.create_snapshot(volume_id=volume, name="s"), interval=0.05)
    assert storage.find_snapshot("s", ignore_missing=False).id == snapshot.id
    assert [each.id for each in storage.snapshots(volume_id=volume)] == [snapshot.id]
    storage.update_snapshot(snapshot, name="t")
    storage.set_snapshot_metadata(snapshot, a="b", c="d")
    storage.delete_snapshot_metadata(snapshot, ["a"])
    assert storage.fetch_snapshot_metadata(snapshot).metadata == {"c": "d"}
    assert storage.get_snapshot_metadata(snapshot).metadata == {"c": "d"}
    world.write(volume, b"now!")
    storage.revert_volume_to_snapshot(volume, snapshot.id)
    world.service.settled("volume", volume)
    assert world.read(volume) == b"then"
    storage.reset_snapshot_status(snapshot, "creating")
    storage.set_snapshot_status(snapshot, "available", "100%")
    assert storage.get_snapshot(snapshot.id).status == "available"
    storage.reset_snapshot(snapshot, "error")
    storage.delete_snapshot(snapshot)
    storage.wait_for_delete(snapshot, interval=0.05)
    _delete(storage, volume)


def moving(world: World, storage: WalkedStorage) -> None:
    """A volume is moved by an administrator, and by a change of its type that may move it."""
    volume = _volume(world, storage, volume_type="__DEFAULT__")
    world.write(volume, b"kept")
    source = world.backend_of(volume)
    target, kind = (TWO, "fast") if source == ONE else (ONE, "slow")
    storage.migrate_volume(volume, target, lock_volume=True)
    world.moved(volume, target)
    other = _volume(world, storage)
    with pytest.raises(BadRequestException, match="without a hypervisor's help"):
        storage.complete_volume_migration(volume, other)
    storage.retype_volume(volume, kind, "on-demand")
    world.moved(volume, source)
    assert world.read(volume) == b"kept"
    _delete(storage, volume, other)


def managing(world: World, storage: WalkedStorage) -> None:
    """A snapshot and its volume are let go, found on the storage, and taken over again."""
    volume = _volume(world, storage)
    snapshot = storage.wait_for_status(storage.create_snapshot(volume_id=volume), interval=0.05)
    storage.unmanage_snapshot(snapshot)
    world.gone("snapshot", snapshot.id)
    (found,) = storage.manageable_snapshots(details=True, host=ONE)
    assert (found.reference, found.safe_to_manage) == ({"source-name": f"snapshot-{snapshot.id}"}, True)
    again = storage.manage_snapshot(volume_id=volume, ref=found.reference)
    world.service.settled("snapshot", again.id)
    storage.delete_snapshot(again)
    storage.wait_for_delete(again, interval=0.05)
    storage.unmanage_volume(volume)
    world.gone("volume", volume)
    (found,) = storage.manageable_volumes(details=True, host=ONE)
    assert (found.reference, found.size) == ({"source-name": f"volume-{volume}"}, 1)
    mine = storage.manage_volume(host=f"{ONE}#one", ref=found.reference, volume_type="fast")
    world.service.settled("volume", mine.id)
    _delete(storage, mine.id)


def transfers(world: World, storage: WalkedStorage) -> None:
    """A volume is offered, the offer is withdrawn, and another one is accepted by another project."""
    volume = _volume(world, storage)
    storage.delete_transfer(storage.create_transfer(volume_id=volume, name="first"))
    world.service.settled("volume", volume)
    offer = storage.create_transfer(volume_id=volume, name="second")
    assert [each.id for each in storage.transfers()] == [offer.id]
    assert storage.find_transfer("second", ignore_missing=False).id == offer.id
    assert storage.get_transfer(offer.id).volume_id == volume
    with pytest.raises(BadRequestException, match="key"):
        storage.accept_transfer(offer.id, "wrong")
    endpoint = world.service.endpoint.replace("/demo", "/friends")
    other: Any = openstack.connect(
        auth_type="none", auth={"endpoint": endpoint}, block_storage_default_microversion="3.71"
    )
    other.block_storage.accept_transfer(offer.id, offer.auth_key)
    assert list(storage.volumes()) == []
    other.block_storage.delete_volume(volume)
    other.close()
    world.gone("volume", volume)


def attachments(world: World, storage: WalkedStorage) -> None:
    """A volume is attached and detached, in the way of today and in that of before."""
    volume = _volume(world, storage)
    made = storage.create_attachment(volume, instance=SERVER, connector=None)
    storage.update_attachment(made, connector=CONNECTOR)
    storage.complete_attachment(made)
    assert [each.id for each in storage.attachments(volume_id=volume)] == [made.id]
    assert storage.get_attachment(made.id).status == "attached"
    storage.delete_attachment(made)
    world.service.settled("volume", volume)
    storage.reserve_volume(volume)
    storage.unreserve_volume(volume)
    storage.reserve_volume(volume)
    info = storage.init_volume_attachment(volume, CONNECTOR)
    assert info["driver_volume_type"] == "iscsi"
    storage.attach_volume(volume, "/dev/vdb", instance=SERVER)
    (attached,) = storage.get_volume(volume).attachments
    storage.begin_volume_detaching(volume)
    storage.abort_volume_detaching(volume)
    storage.begin_volume_detaching(volume)
    storage.terminate_volume_attachment(volume, CONNECTOR)
    storage.detach_volume(volume, attached["attachment_id"])
    world.service.settled("volume", volume)
    _delete(storage, volume)


def backups(world: World, storage: WalkedStorage) -> None:
    """A volume is backed up, the backup changed, restored, exported, and the volume comes back."""
    volume = _volume(world, storage)
    world.write(volume, b"full")
    made = storage.create_backup(volume_id=volume, name="b", metadata={"a": "b"})
    backup = storage.wait_for_status(made, "available", interval=0.05)
    assert storage.find_backup("b", ignore_missing=False).id == backup.id
    assert [each.id for each in storage.backups()] == [backup.id]
    storage.update_backup(backup, name="c")
    # The SDK asks for URLs that Cinder does not have.
    for ask in (storage.fetch_backup_metadata, storage.get_backup_metadata, storage.delete_backup_metadata):
        with pytest.raises(NotFoundException):
            ask(backup)
    with pytest.raises(NotFoundException):
        storage.set_backup_metadata(backup, c="d")
    storage.reset_backup_status(backup, "error")
    storage.reset_backup(backup, "available")
    assert storage.get_backup(backup.id).name == "c"
    world.write(volume, b"more")
    storage.restore_backup(backup, volume)
    world.service.settled("volume", volume)
    assert world.read(volume) == b"full"
    record = storage.export_record(backup).json()["backup-record"]
    assert storage.export_backup(backup)["backup-record"] == record
    with pytest.raises(NotFoundException):
        storage.import_backup(record["backup_service"], record["backup_url"])
    storage.delete_backup(backup)
    storage.wait_for_delete(backup, interval=0.05)
    _delete(storage, volume)


STAGES = (volumes, snapshots, moving, managing, transfers, attachments, backups)
