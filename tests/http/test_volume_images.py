"""Volumes of images and images of volumes, on the wire."""

import json
import uuid
from typing import Any

import pytest

from lapilli.operations.admission import Rules
from tests.http.client import Answer
from tests.http.lab import QUOTA, Cloud

IMAGE = "33333333-0000-4000-8000-000000000001"
OTHER = "33333333-0000-4000-8000-000000000002"


def put(cloud: Cloud, id: str = IMAGE, **facts: Any) -> str:
    cloud.images.put(id, b"bytes", **facts)
    return id


def create(cloud: Cloud, version: str = "3.71", **wish: Any) -> Answer:
    return cloud.call("POST", "/volumes", {"volume": {"size": 1, **wish}}, version=version)


def act(cloud: Cloud, volume_id: str, name: str, wish: Any, **options: Any) -> Answer:
    return cloud.call("POST", f"/volumes/{volume_id}/action", {name: wish}, **{"version": "3.71", **options})


@pytest.mark.parametrize(
    "reference",
    [{"imageRef": IMAGE}, {"image_id": IMAGE}, {"imageRef": f"http://glance/v2/images/{IMAGE}"}, {"imageRef": "tiny"}],
)
def test_create(cloud: Cloud, reference: dict[str, str]) -> None:
    """An image is named by its id, by a URL or by its name; the volume boots and shows what the image was."""
    put(cloud, name="tiny", properties={"os_distro": "none"})
    answer = create(cloud, **reference)
    assert answer.status == 202, answer.text
    assert answer.json["volume"]["bootable"] == "false"
    cloud.work()
    volume = cloud.see("volumes", answer.json["volume"]["id"])
    assert (volume["status"], volume["bootable"]) == ("available", "true")
    assert volume["volume_image_metadata"]["image_name"] == "tiny"
    assert volume["volume_image_metadata"]["os_distro"] == "none"


def test_filter_by_image_metadata(cloud: Cloud) -> None:
    """Volumes are found by what their image was."""
    put(cloud, properties={"os_distro": "none"})
    create(cloud, imageRef=IMAGE)
    cloud.work()
    for value, count in (("none", 1), ("some", 0)):
        path = f"/volumes?glance_metadata={json.dumps({'os_distro': value})}".replace(" ", "")
        assert len(cloud.call("GET", path, version="3.71").json["volumes"]) == count


def test_create_refused(cloud: Cloud) -> None:
    """What no volume can be made of."""
    put(cloud, min_disk_gib=2, name="twice")
    put(cloud, OTHER, status="deactivated", name="twice")
    cloud.images.set_properties(OTHER, {"status": "deactivated"})
    assert create(cloud, imageRef=IMAGE).status == 400
    assert create(cloud, imageRef=OTHER, size=9).status == 400
    assert create(cloud, imageRef="twice", size=9).status == 409
    assert create(cloud, imageRef="none", size=9).status == 400
    assert create(cloud, imageRef=str(uuid.uuid4()), size=9).status == 400
    assert create(cloud, imageRef=IMAGE, size=None).status == 400
    assert create(cloud, imageRef=IMAGE, snapshot_id=OTHER, size=9).status == 400
    assert cloud.call("GET", "/volumes").json == {"volumes": []}


def test_no_image_service(cloud: Cloud) -> None:
    """Without an image service, the answer says what the operator can do."""
    volume_id = cloud.volume()
    cloud.lend(images=None)
    assert "glance_api_servers" in create(cloud, imageRef=IMAGE).text
    assert act(cloud, volume_id, "os-volume_upload_image", {"image_name": "n"}).status == 400
    assert act(cloud, volume_id, "os-reimage", {"image_id": IMAGE}).status == 400


def test_type_of_the_image(cloud: Cloud) -> None:
    """An image may say which type its volumes have; a request that names one is heard."""
    cloud.type("fast"), cloud.type("slow")
    put(cloud, properties={"cinder_img_volume_type": "fast"})
    assert create(cloud, imageRef=IMAGE).json["volume"]["volume_type"] == "fast"
    assert create(cloud, imageRef=IMAGE, volume_type="slow").json["volume"]["volume_type"] == "slow"
    put(cloud, OTHER, properties={"cinder_img_volume_type": "none"})
    assert create(cloud, imageRef=OTHER).status == 404


def test_image_of_a_snapshot(cloud: Cloud) -> None:
    """From 3.46 on, Nova's image of a server that boots from a volume means the snapshot."""
    snapshot_id = cloud.snapshot(cloud.volume())
    device = {"source_type": "snapshot", "boot_index": 0, "snapshot_id": snapshot_id}
    put(cloud, properties={"block_device_mapping": json.dumps([device])})
    assert create(cloud, "3.46", imageRef=IMAGE).json["volume"]["snapshot_id"] == snapshot_id
    assert create(cloud, "3.45", imageRef=IMAGE).json["volume"]["snapshot_id"] is None
    put(cloud, OTHER, properties={"block_device_mapping": json.dumps([{**device, "snapshot_id": OTHER}])})
    assert create(cloud, "3.46", imageRef=OTHER).status == 404


def test_upload(cloud: Cloud) -> None:
    """The answer tells the image that will be; then it is."""
    volume_id = cloud.volume(description="d")
    wish = {"image_name": "made", "disk_format": "qcow2", "visibility": "shared", "protected": True}
    answer = act(cloud, volume_id, "os-volume_upload_image", wish)
    assert answer.status == 202, answer.text
    view = answer.json["os-volume_upload_image"]
    image_id, kind = view.pop("image_id"), view.pop("volume_type")
    assert view.pop("updated_at")
    assert view == {
        "id": volume_id,
        "status": "uploading",
        "display_description": "d",
        "size": 1,
        "container_format": "bare",
        "disk_format": "qcow2",
        "image_name": "made",
        "visibility": "shared",
        "protected": True,
    }
    assert kind["name"] == "__DEFAULT__"
    assert {"id", "extra_specs", "is_public", "qos_specs_id", "created_at", "deleted"} < kind.keys()
    cloud.work()
    assert cloud.images.show(image_id).status == "active"
    assert cloud.see("volumes", volume_id)["status"] == "available"


def test_upload_before_visibility(cloud: Cloud) -> None:
    """3.0 knows neither visibility nor protection."""
    volume_id = cloud.volume()
    wish = {"image_name": "made", "disk_format": "qcow2"}
    for more in ({"visibility": "private"}, {"protected": "true"}):
        assert act(cloud, volume_id, "os-volume_upload_image", {**wish, **more}, version="3.0").status == 400
    view = act(cloud, volume_id, "os-volume_upload_image", wish, version="3.0").json["os-volume_upload_image"]
    assert not {"visibility", "protected", "is_public"} & view.keys()


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"image_name": ""},
        {"image_name": "n", "disk_format": "iso"},
        {"image_name": "n", "visibility": "secret"},
        {"image_name": "n", "force": "perhaps"},
        {"image_name": "n", "container_format": "compressed"},
        {"image_name": "n", "other": 1},
    ],
)
def test_upload_refused(cloud: Cloud, wish: dict[str, Any]) -> None:
    """Bad wishes leave no image and no mark on the volume."""
    volume_id = cloud.volume()
    assert act(cloud, volume_id, "os-volume_upload_image", wish).status == 400
    assert cloud.images.list() == []
    assert cloud.see("volumes", volume_id)["status"] == "available"


def test_upload_in_the_wrong_status(cloud: Cloud) -> None:
    """A second upload waits for the first; a volume in use needs the operator's word."""
    volume_id = cloud.volume()
    wish = {"image_name": "n", "disk_format": "qcow2", "force": True}
    assert act(cloud, volume_id, "os-volume_upload_image", wish).status == 202
    assert act(cloud, volume_id, "os-volume_upload_image", wish).status == 400
    assert len(cloud.images.list()) == 1
    cloud.work()
    act(cloud, volume_id, "os-attach", {"instance_uuid": OTHER, "mountpoint": "/dev/vdb"})
    assert act(cloud, volume_id, "os-volume_upload_image", wish).status == 400
    cloud.lend(rules=Rules(quota=QUOTA, uploads_in_use=True))
    assert act(cloud, volume_id, "os-volume_upload_image", wish).status == 202


def test_public_images_are_for_administrators(cloud: Cloud) -> None:
    """A member may not make an image that everybody sees."""
    volume_id = cloud.volume()
    wish = {"image_name": "n", "disk_format": "qcow2", "visibility": "public"}
    assert act(cloud, volume_id, "os-volume_upload_image", wish, roles="member").status == 403
    assert (
        act(cloud, volume_id, "os-volume_upload_image", {**wish, "visibility": "private"}, roles="reader").status == 403
    )
    assert act(cloud, volume_id, "os-volume_upload_image", wish).status == 202


def test_reimage(cloud: Cloud) -> None:
    """The volume gets the image, and says so."""
    volume_id, image_id = cloud.volume(), put(cloud, name="second")
    assert act(cloud, volume_id, "os-reimage", {"image_id": image_id}, version="3.67").status == 404
    assert act(cloud, volume_id, "os-reimage", {"image_id": image_id}).status == 202
    assert cloud.see("volumes", volume_id)["status"] == "downloading"
    cloud.work()
    volume = cloud.see("volumes", volume_id)
    assert (volume["status"], volume["volume_image_metadata"]["image_name"]) == ("available", "second")


def test_reimage_refused(cloud: Cloud) -> None:
    """No image, an image that is too large, a volume in the wrong status, and one of several servers."""
    volume_id = cloud.volume()
    put(cloud, min_disk_gib=2)
    put(cloud, OTHER)
    assert act(cloud, volume_id, "os-reimage", {"image_id": str(uuid.uuid4())}).status == 404
    assert act(cloud, volume_id, "os-reimage", {"image_id": "x"}).status == 400
    assert act(cloud, volume_id, "os-reimage", {"image_id": IMAGE}).status == 400
    cloud.tell(multiattach=True)
    cloud.type("many", extra_specs={"multiattach": "<is> True"})
    shared = cloud.volume(volume_type="many")
    body = {"attachment": {"volume_uuid": shared, "instance_uuid": str(uuid.uuid4())}}
    for _ in range(2):
        assert cloud.call("POST", "/attachments", body, version="3.71").status == 200
    assert act(cloud, shared, "os-reimage", {"image_id": OTHER, "reimage_reserved": True}).status == 409
    assert cloud.see("volumes", shared)["status"] == "reserved"


def test_image_metadata(cloud: Cloud) -> None:
    """What a volume knows of its image can be told, changed and forgotten."""
    volume_id = cloud.volume()
    answer = act(cloud, volume_id, "os-set_image_metadata", {"metadata": {"a": "1", "b": "2"}})
    assert (answer.status, answer.json) == (200, {"metadata": {"a": "1", "b": "2"}})
    assert act(cloud, volume_id, "os-set_image_metadata", {"metadata": {"a": "3"}}).json["metadata"]["a"] == "3"
    assert act(cloud, volume_id, "os-unset_image_metadata", {"key": "b"}).status == 200
    assert act(cloud, volume_id, "os-unset_image_metadata", {"key": "b"}).status == 404
    assert act(cloud, volume_id, "os-show_image_metadata", None).json == {"metadata": {"a": "3"}}
    assert cloud.see("volumes", volume_id)["volume_image_metadata"] == {"a": "3"}


@pytest.mark.parametrize(
    ("action", "wish"),
    [
        ("os-set_image_metadata", {}),
        ("os-set_image_metadata", {"metadata": {"": "1"}}),
        ("os-set_image_metadata", {"metadata": {"a": 1}}),
        ("os-unset_image_metadata", {}),
        ("os-unset_image_metadata", {"key": ""}),
    ],
)
def test_bad_image_metadata(cloud: Cloud, action: str, wish: dict[str, Any]) -> None:
    """What cannot be kept is refused."""
    assert act(cloud, cloud.volume(), action, wish).status == 400


def test_long_image_metadata(cloud: Cloud) -> None:
    """A value has 65535 bytes at most, however many letters these are."""
    path = f"/volumes/{cloud.volume()}/action"
    for letters, status in (("é" * 32_768, 400), ("é" * 32_767, 200)):
        body = json.dumps({"os-set_image_metadata": {"metadata": {"a": letters}}}, ensure_ascii=False).encode()
        assert cloud.call("POST", path, body).status == status


def test_image_metadata_of_others(cloud: Cloud) -> None:
    """A volume in work, a reader and a stranger."""
    volume_id = cloud.volume()
    wish = {"metadata": {"a": "1"}}
    assert act(cloud, volume_id, "os-set_image_metadata", wish, roles="reader").status == 403
    assert act(cloud, volume_id, "os-show_image_metadata", None, roles="reader").status == 404
    assert act(cloud, volume_id, "os-set_image_metadata", wish).status == 200
    assert act(cloud, volume_id, "os-show_image_metadata", None, roles="reader").json == wish
    stranger = cloud.call(
        "POST", f"/volumes/{volume_id}/action", {"os-set_image_metadata": wish}, project="b2", roles="member"
    )
    assert stranger.status == 404
    act(cloud, volume_id, "os-volume_upload_image", {"image_name": "n", "disk_format": "qcow2"})
    assert act(cloud, volume_id, "os-set_image_metadata", wish).status == 400
