"""Volumes that are made of images."""

from dataclasses import replace
from typing import Any

import pytest

from lapilli.model.errors import Malformed, Unavailable
from lapilli.model.images import Image
from lapilli.operations import create_volume
from lapilli.operations.admission import Rules
from lapilli.operations.image_checks import snapshot_of
from tests.unit.operations.lab import RULES, TENANT, Lab

IMAGE = "11111111-0000-4000-8000-00000000000a"
DATA = b"bytes of the image" * 5000


def begin(lab: Lab, image: Image, *, size_gib: int = 1, rules: Rules = RULES) -> str:
    wish = create_volume.Wish(size_gib=size_gib, image=image)
    return lab.ask(create_volume.admit, TENANT, rules, wish)


def create(lab: Lab, image: Image, **wish: Any) -> str:
    volume_id = begin(lab, image, **wish)
    lab.work()
    return volume_id


def content(lab: Lab, volume_id: str) -> bytes:
    (backend,) = (each for each in lab.backends if f"volume-{volume_id}" in each.files())
    assert backend.size_gib(f"volume-{volume_id}") == lab.volume(volume_id).size_gib
    with (backend.directory / f"volume-{volume_id}").open("rb") as file:
        return file.read(len(DATA) + 10_000).rstrip(b"\0")


def complaints(lab: Lab, volume_id: str) -> list[str]:
    """What the project is told about the volume."""
    return [row.event_id for row in lab.complaints(volume_id)]


def test_create(lab: Lab) -> None:
    """The volume has the image's bytes and remembers what the image was."""
    image = lab.first.images.put(IMAGE, DATA, name="tiny", min_ram_mib=7, properties={"os_distro": "none"})
    volume_id = create(lab, image, size_gib=2)
    row = lab.volume(volume_id)
    assert (row.status, row.bootable) == ("available", True)
    assert content(lab, volume_id) == DATA
    remembered = {key: row.image_metadata[key] for key in ("image_id", "image_name", "os_distro", "min_ram", "size")}
    expected = {"image_id": IMAGE, "image_name": "tiny", "os_distro": "none", "min_ram": "7", "size": str(len(DATA))}
    assert remembered == expected
    assert all(isinstance(value, str) for value in row.image_metadata.values())


def test_statuses_on_the_way(lab: Lab) -> None:
    """A volume is downloading while its image is fetched, and says how far that is."""
    seen: list[str] = []
    volume_id = begin(lab, lab.first.images.put(IMAGE, DATA))
    lab.first.driver.before["path"] = lambda: seen.append(lab.status(volume_id))
    lab.work()
    assert seen == ["downloading"]


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ({"status": "deactivated"}, "is not active"),
        ({"status": "queued"}, "is not active"),
        ({"size_bytes": 2**30 + 1}, "Size of specified image 2GB is larger than volume size 1GB"),
        ({"virtual_size_bytes": 3 * 2**30}, "image 3GB is larger"),
        ({"min_disk_gib": 2}, "cannot be smaller than the image minDisk size 2GB"),
        ({"properties": {"img_signature": "x"}}, "verify_glance_signatures"),
    ],
)
def test_refused(lab: Lab, facts: dict[str, Any], match: str) -> None:
    """What cannot become a volume of this size is refused before anything is made."""
    with pytest.raises(Malformed, match=match):
        begin(lab, Image(IMAGE, **facts))
    assert lab.first.files() == lab.second.files() == set()


def test_signed_images_where_they_are_taken(lab: Lab) -> None:
    """An operator may take signed images without a look at the signature, which the volume remembers."""
    image = lab.first.images.put(IMAGE, DATA, properties={"img_signature": "x"})
    volume_id = create(lab, image, rules=Rules(refuses_signed_images=False))
    remembered = lab.volume(volume_id).image_metadata
    assert remembered["img_signature"] == "x"
    assert "signature_verified" not in remembered


def test_image_that_is_something_else(lab: Lab) -> None:
    """The volume is in error and nothing of it is left; the reason is kept, and no other backend is tried."""
    volume_id = create(lab, lab.first.images.put(IMAGE, DATA, disk_format="qcow2"))
    row = lab.volume(volume_id)
    assert (row.status, row.host) == ("error", None)
    assert lab.first.files() == lab.second.files() == set()
    assert "declared as qcow2, and is raw" in lab.operation(volume_id).error
    assert complaints(lab, volume_id) == ["VOLUME_VOLUME_005_029"]
    assert lab.allocated(lab.first)[0] == lab.allocated(lab.second)[0] == 0


def test_wrong_bytes(lab: Lab) -> None:
    """Bytes whose digest is not the image's are no volume's."""
    image = replace(lab.first.images.put(IMAGE, DATA), hash_value="0")
    volume_id = create(lab, image)
    assert lab.status(volume_id) == "error"
    assert "are others" in lab.operation(volume_id).error
    assert lab.first.files() == lab.second.files() == set()


def test_a_second_attempt(lab: Lab) -> None:
    """What fails once is done again."""
    image = lab.first.images.put(IMAGE, DATA)
    attempts = []

    def fail_once() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise Unavailable("the image service went away")

    lab.first.driver.before["path"] = lab.second.driver.before["path"] = fail_once
    assert content(lab, create(lab, image)) == DATA
    assert len(attempts) == 2


def test_image_service_stays_away(lab: Lab) -> None:
    """A volume does not wait for ever."""
    image = lab.first.images.put(IMAGE, DATA)

    def fail() -> None:
        raise Unavailable("The image service does not answer.")

    lab.first.driver.before["path"] = lab.second.driver.before["path"] = fail
    volume_id = create(lab, image)
    assert lab.status(volume_id) == "error"
    assert complaints(lab, volume_id) == ["VOLUME_VOLUME_005_001"]


def test_backend_that_fails_first(lab: Lab) -> None:
    """Where the storage fails before the image is begun, another backend is tried."""
    image = lab.first.images.put(IMAGE, DATA)

    def fail() -> None:
        raise Unavailable("the disk is gone")

    lab.first.driver.before["create_volume"] = fail
    volume_id = create(lab, image)
    assert lab.volume(volume_id).host == lab.second.pool
    assert content(lab, volume_id) == DATA


@pytest.mark.parametrize(
    ("mapping", "snapshot_id"),
    [
        ('[{"source_type": "snapshot", "boot_index": 0, "snapshot_id": "s"}]', "s"),
        ('[{"source_type": "blank"}, {"source_type": "snapshot", "boot_index": 0, "snapshot_id": "s"}]', "s"),
        ('[{"source_type": "snapshot", "boot_index": 1, "snapshot_id": "s"}]', None),
        ("[]", None),
        ("no JSON", None),
        ("[7]", None),
        ("7", None),
    ],
)
def test_images_that_stand_for_snapshots(mapping: str, snapshot_id: str | None) -> None:
    """Nova's image of a server that boots from a volume names the snapshot that was made of it."""
    assert snapshot_of(Image(IMAGE, properties={"block_device_mapping": mapping})) == snapshot_id
