"""openstacksdk's block storage proxy, against a running service."""

from collections.abc import Iterator

import openstack
import pytest
from openstack.block_storage.v3._proxy import Proxy
from openstack.exceptions import BadRequestException, HttpException, NotFoundException

from tests.system.service import CONNECTOR, PROJECT, Service

_NOBODY = "33333333-3333-3333-3333-333333333333"


@pytest.fixture(scope="module")
def storage(service: Service) -> Iterator[Proxy]:
    connection = openstack.connect(
        auth_type="none", auth={"endpoint": service.endpoint}, block_storage_default_microversion="3.71"
    )
    assert isinstance(connection.block_storage, Proxy)
    yield connection.block_storage
    connection.close()


@pytest.fixture
def volume(storage: Proxy) -> Iterator[str]:
    """The id of a volume of 1 GiB, gone afterwards."""
    made = storage.create_volume(name="sdk", size=1, metadata={"tier": "gold"})
    yield storage.wait_for_status(made, "available", interval=0.05).id
    gone = storage.get_volume(made.id)
    storage.delete_volume(gone, force=True)
    storage.wait_for_delete(gone, interval=0.05)


def test_volumes(service: Service, storage: Proxy, volume: str) -> None:
    """A volume is found, listed page by page, changed, extended, and reset."""
    found = storage.find_volume("sdk", ignore_missing=False)
    assert (found.id, found.size, found.project_id, found.metadata) == (volume, 1, PROJECT, {"tier": "gold"})
    others = [storage.create_volume(name=f"sdk-{n}", size=1) for n in range(3)]
    assert len(list(storage.volumes(limit=2))) == 4
    for other in others:
        storage.delete_volume(storage.wait_for_status(other, "available", interval=0.05))
    for other in others:
        storage.wait_for_delete(other, interval=0.05)
    storage.update_volume(volume, name="renamed", description="d")
    storage.set_volume_metadata(volume, a="b")
    storage.delete_volume_metadata(volume, ["tier"])
    storage.set_volume_bootable_status(volume, True)
    storage.set_volume_readonly(volume, False)
    storage.extend_volume(volume, 2)
    service.settled("volume", volume)
    shown = storage.get_volume(volume)
    assert (shown.name, shown.description, shown.size, shown.is_bootable) == ("renamed", "d", 2, True)
    assert shown.metadata == {"a": "b", "readonly": "False"}
    storage.reset_volume_status(volume, "error", "", "")
    assert storage.get_volume(volume).status == "error"


def test_snapshots(storage: Proxy, volume: str) -> None:
    """A snapshot is made, found, listed, changed and deleted."""
    made = storage.wait_for_status(storage.create_snapshot(volume_id=volume, name="s"), "available", interval=0.05)
    assert storage.find_snapshot("s", ignore_missing=False).id == made.id
    assert [each.id for each in storage.snapshots(volume_id=volume)] == [made.id]
    storage.update_snapshot(made, name="t")
    storage.set_snapshot_metadata(made, k="v")
    shown = storage.get_snapshot(made.id)
    assert (shown.name, shown.size, shown.metadata) == ("t", 1, {"k": "v"})
    storage.delete_snapshot(shown)
    storage.wait_for_delete(shown, interval=0.05)


def test_types(storage: Proxy) -> None:
    """A type, its extra specs and its access are made, changed and deleted."""
    made = storage.create_type(name="sdk-type", is_public=False)
    storage.update_type(made, description="d")
    storage.update_type_extra_specs(made, volume_backend_name="directory")
    storage.add_type_access(made, "friends")
    assert [each["project_id"] for each in storage.get_type_access(made)] == ["friends"]
    storage.remove_type_access(made, "friends")
    found = storage.find_type("sdk-type", ignore_missing=False)
    assert (found.description, found.extra_specs) == ("d", {"volume_backend_name": "directory"})
    storage.delete_type_extra_specs(made, ["volume_backend_name"])
    storage.delete_type(made)
    assert storage.find_type("sdk-type") is None


def test_attachments(storage: Proxy, volume: str) -> None:
    """A volume is reserved, exported, in use, and given back."""
    made = storage.create_attachment(volume, instance=_NOBODY, connector=None)
    assert (made.volume_id, made.status) == (volume, "reserved")
    exported = storage.update_attachment(made, connector=CONNECTOR)
    assert exported.connection_info["driver_volume_type"] == "iscsi"
    storage.complete_attachment(made)
    assert storage.get_volume(volume).status == "in-use"
    assert [each.id for each in storage.attachments(volume_id=volume)] == [made.id]
    storage.delete_attachment(made)
    assert storage.get_volume(volume).status == "available"


def test_service(storage: Proxy, volume: str) -> None:
    """Services, zones, pools, limits, quotas and extensions are listed."""
    assert {each.state for each in storage.services()} == {"up"}
    assert [each.name for each in storage.availability_zones()] == ["nova"]
    (pool,) = storage.backend_pools()
    assert pool.name == "node@directory#directory"
    limits = storage.get_limits().absolute
    assert (limits.max_total_volumes, limits.total_volumes_used) == (10, 1)
    assert storage.get_quota_set(PROJECT).volumes == 10
    assert storage.get_quota_set(PROJECT, usage=True).usage["volumes"] == 1
    assert any(each.alias == "os-quota-sets" for each in storage.extensions())
    assert {each.resource for each in storage.resource_filters()} >= {"volume", "snapshot"}
    assert storage.summary(False).total_count == 1
    assert volume


def test_refusals(storage: Proxy, volume: str) -> None:
    """What cannot be done is one of the SDK's errors, with the sentence that says why."""
    with pytest.raises(NotFoundException, match=_NOBODY):
        storage.get_volume(_NOBODY)
    with pytest.raises(BadRequestException, match="size"):
        storage.create_volume(size=0)
    with pytest.raises(BadRequestException, match="2"):
        storage.extend_volume(volume, 1)
    with pytest.raises(HttpException, match="VolumeSizeExceedsAvailableQuota") as refused:
        storage.create_volume(size=5000)
    assert refused.value.status_code == 413
