"""What of the clients needs Glance, and what they look up in Keystone, with both."""

from collections.abc import Iterator
from importlib.metadata import entry_points

import pytest

from tests.system.image_cloud import ImageCloud
from tests.system.service import until
from tests.system.walk.keystone_world import Guarded, guarded
from tests.system.walk.world import NEEDS_IMAGES, WalkedStorage

_NAMES = {each.name for each in entry_points(group="openstack.volume.v3")}


@pytest.fixture(scope="module")
def service(images: ImageCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("guarded"), images) as one:
        yield one


def test_cinder(images: ImageCloud, service: Guarded) -> None:
    """A volume is made of an image, uploaded as another one, and made anew of a third."""
    cinder = service.cinder("mia")
    image, other = images.image(b"first"), images.image(b"other")
    volume = cinder.ask("create", "--image-id", image, "1").facts["id"]
    file = service.rest(cinder, volume)
    assert file.read_bytes()[:5] == b"first"
    assert cinder.ask("show", volume).facts["bootable"] == "true"
    copy = cinder.ask("upload-to-image", "--disk-format", "qcow2", volume, "copy").facts["image_id"]
    until(lambda: images.seen(copy)["status"] == "active", lambda: images.seen(copy))
    assert images.seen(copy)["disk_format"] == "qcow2"
    service.rest(cinder, volume)
    cinder.ask("reimage", volume, other)
    service.rest(cinder, volume)
    assert file.read_bytes()[:5] == b"other"
    assert cinder.walked >= NEEDS_IMAGES["cinder"]
    cinder.ask("delete", volume)
    until(lambda: not cinder.ask("list").rows, service.said)
    assert not file.exists()


def test_projects(images: ImageCloud, service: Guarded) -> None:
    """An administrator names projects: for defaults, quotas and lists. One that Keystone does not know is refused."""
    cinder, openstack = service.cinder("admin"), service.openstack("admin", _NAMES)
    mia = images.caller("mia").project_id
    openstack.do("volume", "type", "create", "--private", "--project", "mia", "lent")
    assert {row["Name"] for row in service.cinder("mia").ask("type-list").rows} == {"lent", "__DEFAULT__"}
    cinder.ask("default-type-set", "lent", mia)
    assert [row["Name"] for row in service.cinder("mia").ask("type-default").rows] == ["lent"]
    assert "nobody" in cinder.refused("default-type-set", "lent", "nobody")
    cinder.ask("default-type-unset", mia)
    openstack.do("volume", "type", "unset", "--project", "mia", "lent")
    openstack.do("volume", "type", "delete", "lent")
    openstack.do("quota", "set", "--volumes", "3", "--backups", "4", "mia")
    shown = {row["Resource"]: row["Limit"] for row in openstack.ask("quota", "show", "--volume", "mia")}
    assert (shown["volumes"], shown["backups"]) == (3, 4)
    openstack.do("quota", "delete", "--volume", "mia")
    shown = {row["Resource"]: row["Limit"] for row in openstack.ask("quota", "show", "--volume", "mia")}
    assert shown["volumes"] == 10


def test_openstack(images: ImageCloud, service: Guarded) -> None:
    """A volume is made of an image by its name; its project's administrator finds it, and Nova is missed."""
    openstack, admin = service.openstack("mia", _NAMES), service.openstack("admin", _NAMES)
    name = images.seen(images.image(b"third"))["name"]
    volume = openstack.ask("volume", "create", "--size", "1", "--image", name, "v")["id"]
    file = service.rest(service.cinder("mia"), volume)
    assert file.read_bytes()[:5] == b"third"
    assert [row["ID"] for row in admin.ask("volume", "list", "--project", "mia")] == [volume]
    assert admin.ask("volume", "list") == []
    assert admin.ask("volume", "message", "list", "--project", "mia") == []
    assert "compute" in openstack.refused("volume", "attachment", "create", "--server", "s", volume)
    openstack.do("volume", "delete", "v")
    until(lambda: not openstack.ask("volume", "list"), service.said)


def test_sdk(images: ImageCloud, service: Guarded) -> None:
    """A volume becomes an image in both ways that the SDK has."""
    connection = service.sdk("mia")
    storage = WalkedStorage(connection.block_storage)
    volume = storage.wait_for_status(storage.create_volume(size=1), "available", interval=0.05)
    made = storage.upload_volume_to_image(volume, "one", disk_format="qcow2", container_format="bare")
    until(lambda: images.seen(made["image_id"])["status"] == "active", service.said)
    storage.wait_for_status(storage.get_volume(volume.id), "available", interval=0.05)
    another = storage.create_image("two", volume, False, "bare", "qcow2", wait=False, timeout=60)
    until(lambda: images.seen(another.id)["status"] == "active", service.said)
    assert storage.walked >= NEEDS_IMAGES["sdk"]
    gone = storage.wait_for_status(storage.get_volume(volume.id), "available", interval=0.05)
    storage.delete_volume(gone)
    storage.wait_for_delete(gone, interval=0.05)
    connection.close()
