"""The SDK and the service itself: types, quality, services, clusters, quotas, messages, what there is."""

import pytest
from openstack.exceptions import BadRequestException, NotFoundException

from tests.system.service import PROJECT, until
from tests.system.walk.world import ONE, TWO, WalkedStorage, World


def types(_world: World, storage: WalkedStorage) -> None:
    """A type is made, changed, lent to a project, encrypted, made the default of a project, and deleted."""
    made = storage.create_type(name="gold", is_public=False)
    storage.update_type(made, description="d")
    storage.update_type_extra_specs(made, k="v", l="w")
    storage.delete_type_extra_specs(made, ["l"])
    storage.add_type_access(made, "friends")
    assert [each["project_id"] for each in storage.get_type_access(made)] == ["friends"]
    storage.remove_type_access(made, "friends")
    storage.create_type_encryption(made, provider="luks", control_location="front-end")
    storage.update_type_encryption(volume_type=made, key_size=256)
    assert storage.get_type_encryption(made).key_size == 256
    storage.delete_type_encryption(volume_type=made)
    found = storage.find_type("gold", ignore_missing=False)
    assert (found.description, found.extra_specs) == ("d", {"k": "v"})
    storage.set_default_type(PROJECT, made)
    assert storage.show_default_type(PROJECT).volume_type_id == made.id
    assert [each.project_id for each in storage.default_types()] == [PROJECT]
    storage.unset_default_type(PROJECT)
    assert "gold" in {each.name for each in storage.types(is_public="None")}
    assert storage.get_type(made.id).name == "gold"
    storage.delete_type(made)


def qos(_world: World, storage: WalkedStorage) -> None:
    """Specs of quality are made, changed, given to a type, taken from it, and deleted."""
    fast = storage.find_type("fast", ignore_missing=False).id
    made = storage.create_qos_spec(name="brisk", consumer="front-end", a="1", b="2")
    storage.update_qos_spec(made, c="3")
    storage.delete_qos_spec_metadata(made, ["b"])
    storage.associate_qos_spec(made, fast)
    assert [each.id for each in storage.qos_spec_associations(made)] == [fast]
    storage.disassociate_qos_spec(made, fast)
    storage.associate_qos_spec(made, fast)
    storage.disassociate_all_qos_spec(made)
    assert list(storage.qos_spec_associations(made)) == []
    assert storage.find_qos_spec("brisk", ignore_missing=False).id == made.id
    assert storage.get_qos_spec(made).specs["a"] == "1"
    storage.delete_qos_spec(made)
    assert list(storage.qos_specs()) == []


def services(_world: World, storage: WalkedStorage) -> None:
    """A service is disabled, frozen, thawed and enabled; what the SDK asks wrongly is refused."""
    service = storage.find_service("cinder-volume", ignore_missing=False, host=TWO)
    storage.disable_service(service, reason="rest")
    assert [(each.status, each.disabled_reason) for each in storage.services(host=TWO)] == [("disabled", "rest")]
    storage.enable_service(service)
    storage.freeze_service(service)
    with pytest.raises(BadRequestException, match="frozen already"):
        storage.freeze_service(service)
    storage.thaw_service(service)
    # The SDK asks for an action that microversion 3.26 promises and Cinder 29 does not have.
    with pytest.raises(NotFoundException):
        storage.failover_service(service)
    # It says PUT where Cinder has POST.
    with pytest.raises(NotFoundException):
        storage.cleanup_service_workers(binary="cinder-volume", host=ONE, cluster_name=None)


def log_levels(_world: World, storage: WalkedStorage) -> None:
    """The level of a logger is set, told, and set back."""
    name = "lapilli.work.runner"
    which = {"binary": "cinder-volume", "server": ONE, "prefix": name}

    def level() -> str:
        (told,) = storage.get_service_log_levels(**which)
        return str(told.levels[name])

    # The enumerations that the SDK asks for cannot be sent; their values can.
    for wanted in ("DEBUG", "INFO"):
        storage.set_service_log_levels(level=wanted, **which)
        until(lambda wanted=wanted: level() == wanted, level)


def clusters(_world: World, storage: WalkedStorage) -> None:
    """The clusters of the backends are listed, and one is disabled and enabled."""
    assert {each.name for each in storage.clusters(binary="cinder-volume")} == {"home@one", "home@two"}
    cluster = storage.get_cluster("home@two")
    storage.disable_cluster(cluster, reason="rest")
    assert storage.find_cluster("home@two", ignore_missing=False).status == "disabled"
    storage.enable_cluster(cluster)
    assert storage.get_cluster("home@two").status == "enabled"


def quotas(_world: World, storage: WalkedStorage) -> None:
    """Quotas of a project and of the class `default` are told, changed and given up; limits say the same."""
    storage.update_quota_class_set("default", snapshots=7)
    assert storage.get_quota_class_set("default").snapshots == 7
    assert storage.get_quota_set_defaults(PROJECT).snapshots == 7
    storage.update_quota_class_set("default", snapshots=10)
    storage.update_quota_set(PROJECT, volumes=0)
    assert storage.get_limits().absolute.max_total_volumes == 0
    storage.revert_quota_set(PROJECT)
    assert storage.get_quota_set(PROJECT).volumes == 10


def messages(world: World, storage: WalkedStorage) -> None:
    """A volume that no backend has room for leaves a message that says so, until it is deleted."""
    volume = storage.create_volume(size=51, volume_type="fast")
    world.service.settled("volume", volume.id, "error")
    (listed,) = storage.messages()
    assert (listed.resource_uuid, listed.message_level) == (volume.id, "ERROR")
    # The SDK does not look into the envelope of one message, and knows but its id.
    assert storage.get_message(listed.id).id == listed.id
    storage.delete_message(listed)
    assert list(storage.messages()) == []
    storage.delete_volume(volume)
    storage.wait_for_delete(volume, interval=0.05)


def discovery(_world: World, storage: WalkedStorage) -> None:
    """Zones, pools, capabilities, filters and extensions are told."""
    assert [each.name for each in storage.availability_zones()] == ["nova"]
    assert {each.name for each in storage.backend_pools()} == {f"{ONE}#one", f"{TWO}#two"}
    assert storage.get_capabilities(ONE).storage_protocol == "iSCSI"
    assert {each.resource for each in storage.resource_filters()} >= {"volume", "snapshot"}
    assert any(each.alias == "os-quota-sets" for each in storage.extensions())
    assert storage.api_version == "3"


STAGES = (types, qos, services, log_levels, clusters, quotas, messages, discovery)
