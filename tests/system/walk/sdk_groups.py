"""The SDK and several volumes at once: groups, their types, snapshots and copies, and the older names for them."""

import pytest
from openstack.exceptions import BadRequestException

from tests.system.walk.world import CONSISTENT, LEGACY_TYPE, WalkedStorage, World


def _member(world: World, storage: WalkedStorage) -> str:
    return world.service.settled("volume", storage.create_volume(size=1, volume_type="fast").id)


def _fast(storage: WalkedStorage) -> str:
    return str(storage.find_type("fast", ignore_missing=False).id)


def group_types(_world: World, storage: WalkedStorage) -> None:
    """A type of groups is made, given specs, changed, and deleted."""
    made = storage.create_group_type(name="pack", description="d")
    storage.create_group_type_group_specs(made, {"k": "v", "l": "w"})
    assert storage.get_group_type_group_specs_property(made, "k") == "v"
    storage.update_group_type_group_specs_property(made, "k", "u")
    storage.delete_group_type_group_specs_property(made, "l")
    assert storage.fetch_group_type_group_specs(made).group_specs == {"k": "u"}
    storage.update_group_type(made.id, name="bundle")
    assert storage.find_group_type("bundle", ignore_missing=False).id == made.id
    assert storage.get_group_type(made.id).description == "d"
    assert {each.name for each in storage.group_types()} == {LEGACY_TYPE, "bundle"}
    storage.delete_group_type(made)


def groups(world: World, storage: WalkedStorage) -> None:
    """A group is made, gets a volume, is reset, copied with a snapshot and without, and deleted with what it has."""
    kind = storage.create_group_type(name="bundle")
    group = storage.create_group(name="g", group_type=kind.id, volume_types=[_fast(storage)])
    world.service.settled("group", group.id)
    volume = _member(world, storage)
    storage.update_group(group, name="h", add_volumes=volume)
    world.service.settled("group", group.id)
    assert storage.find_group("h", ignore_missing=False).id == group.id
    assert [each.id for each in storage.groups()] == [group.id]
    assert storage.get_group(group.id, list_volume=True).volumes == [volume]
    storage.reset_group_status(group, "error")
    storage.reset_group_state(group, "available")
    # What the SDK sends is not what Cinder's schemas ask for.
    for ask, why in (
        (storage.enable_group_replication, "must be object"),
        (storage.disable_group_replication, "must be object"),
        (storage.failover_group_replication, "must not contain"),
    ):
        with pytest.raises(BadRequestException, match=why):
            ask(group)
    snapshot = storage.create_group_snapshot(group_id=group.id, name="s")
    world.service.settled("group_snapshot", snapshot.id)
    assert storage.find_group_snapshot("s", ignore_missing=False).id == snapshot.id
    assert [each.id for each in storage.group_snapshots()] == [snapshot.id]
    storage.reset_group_snapshot_status(snapshot, "error")
    storage.reset_group_snapshot_state(snapshot, "available")
    assert storage.get_group_snapshot(snapshot.id).status == "available"
    copy = storage.create_group_from_source(name="copy", group_snapshot_id=snapshot.id, source_group_id=None)
    world.service.settled("group", copy.id)
    storage.delete_group_snapshot(snapshot)
    world.gone("group_snapshot", snapshot.id)
    for each in (group, copy):
        storage.delete_group(each, delete_volumes=True)
        world.gone("group", each.id)
    storage.delete_group_type(kind)


def consistency_groups(world: World, storage: WalkedStorage) -> None:
    """The older names make, change, copy and delete the same things."""
    made = storage.create_consistency_group(name="c", volume_types=_fast(storage))
    world.service.settled("consistencygroup", made.id)
    volume = _member(world, storage)
    group = storage.get_consistency_group(made.id)
    storage.update_consistency_group(group, name="d", add_volumes=volume)
    world.service.settled("consistencygroup", group.id)
    assert storage.find_consistency_group("d", ignore_missing=False).id == group.id
    assert [each.id for each in storage.consistency_groups()] == [group.id]
    with pytest.raises(BadRequestException, match="snapshots of one moment"):
        storage.create_consistency_group_snapshot(consistencygroup_id=group.id, name="s")
    kind = storage.find_group_type(LEGACY_TYPE, ignore_missing=False)
    name, _, value = CONSISTENT.partition("=")
    storage.delete_group_type_group_specs_property(kind, name)
    snapshot = storage.create_consistency_group_snapshot(consistencygroup_id=group.id, name="s")
    world.service.settled("cgsnapshot", snapshot.id)
    storage.create_group_type_group_specs(kind, {name: value})
    assert storage.find_consistency_group_snapshot("s", ignore_missing=False).id == snapshot.id
    assert [each.id for each in storage.consistency_group_snapshots()] == [snapshot.id]
    assert storage.get_consistency_group_snapshot(snapshot.id).status == "available"
    copy = storage.create_consistency_group_from_source(consistency_group_snapshot=snapshot.id, name="copy")
    world.service.settled("consistencygroup", copy.id)
    storage.delete_consistency_group_snapshot(snapshot)
    world.gone("cgsnapshot", snapshot.id)
    for each in (group, copy):
        storage.delete_consistency_group(each, force=True)
        world.gone("consistencygroup", each.id)


STAGES = (group_types, groups, consistency_groups)
