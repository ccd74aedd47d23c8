"""Volumes that get another image."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from lapilli.model.errors import Conflict, Malformed
from lapilli.model.images import Image
from lapilli.operations import reimage_volume
from tests.unit.operations.lab import RULES, TENANT, Lab
from tests.unit.operations.test_create_volume_from_image import DATA, IMAGE, complaints, content, create


class MemoryServers:
    """A compute service that remembers what it was told, after it has not listened some times."""

    def __init__(self, deaf: int = 0) -> None:
        self.deaf = deaf
        self.told: list[tuple[str, str, list[str]]] = []

    def lists_attachment(self, server_id: str, attachment_id: str) -> bool:
        return False

    def tell(self, event: str, volume_id: str, server_ids: Sequence[str]) -> bool:
        self.deaf -= 1
        if self.deaf < 0:
            self.told.append((event, volume_id, list(server_ids)))
        return self.deaf < 0


def lend(lab: Lab, servers: MemoryServers) -> None:
    for backend in lab.backends:
        backend.desk = replace(backend.desk, servers=servers)
    lab.schedule(*lab.scheduler.filters)


def begin(lab: Lab, volume_id: str, image: Image, *, reserved: bool = False) -> None:
    lab.ask(reimage_volume.admit, TENANT, RULES, volume_id, image, reserved=reserved)


def test_reimage(lab: Lab) -> None:
    """The volume holds the new image and nothing of the old, and remembers the new one alone."""
    old = lab.first.images.put("old", b"o" * 300_000, properties={"os_distro": "old"})
    volume_id = create(lab, old)
    begin(lab, volume_id, lab.first.images.put(IMAGE, DATA))
    assert lab.status(volume_id) == "downloading"
    lab.work()
    assert lab.status(volume_id) == "available"
    assert content(lab, volume_id) == DATA
    assert lab.volume(volume_id).image_metadata["image_id"] == IMAGE
    assert "os_distro" not in lab.volume(volume_id).image_metadata


def test_reserved(lab: Lab) -> None:
    """A volume that is reserved for a server needs a word more; the server is told when it is reserved again."""
    servers = MemoryServers(deaf=2)
    lend(lab, servers)
    volume_id = lab.create()
    lab.reserve(volume_id, "server")
    image = lab.first.images.put(IMAGE, DATA)
    with pytest.raises(Conflict, match="reserved"):
        begin(lab, volume_id, image)
    begin(lab, volume_id, image, reserved=True)
    lab.work()
    assert lab.status(volume_id) == "reserved"
    assert servers.told == [("volume-reimaged", volume_id, ["server"])]


def test_compute_service_that_never_hears(lab: Lab) -> None:
    """The volume is good all the same, and the project is told."""
    lend(lab, MemoryServers(deaf=99))
    volume_id = lab.create()
    lab.reserve(volume_id, "server")
    begin(lab, volume_id, lab.first.images.put(IMAGE, DATA), reserved=True)
    lab.work()
    assert lab.status(volume_id) == "reserved"
    assert complaints(lab, volume_id) == ["VOLUME_VOLUME_016_009"]


def test_image_that_is_something_else(lab: Lab) -> None:
    """The volume's bytes are gone, and so it is in error; it can be given a good image."""
    volume_id = create(lab, lab.first.images.put("old", b"old"))
    begin(lab, volume_id, lab.first.images.put(IMAGE, DATA, disk_format="vmdk"))
    lab.work()
    assert lab.status(volume_id) == "error"
    assert complaints(lab, volume_id) == ["VOLUME_VOLUME_016_029"]
    begin(lab, volume_id, lab.first.images.put("good", DATA))
    lab.work()
    assert (lab.status(volume_id), content(lab, volume_id)) == ("error", DATA)


@pytest.mark.parametrize("facts", [{"status": "queued"}, {"size_bytes": 2**31}, {"min_disk_gib": 9}])
def test_images_that_do_not_fit(lab: Lab, facts: dict[str, Any]) -> None:
    """The volume keeps its bytes."""
    volume_id = lab.create()
    with pytest.raises(Malformed):
        begin(lab, volume_id, Image(IMAGE, **facts))
    assert lab.status(volume_id) == "available"


def test_volumes_that_cannot(lab: Lab) -> None:
    """A volume in use, one without storage, and one that is being copied."""
    image = lab.first.images.put(IMAGE, DATA)
    used, copied = lab.create(), lab.create()
    lab.attach(used)
    nowhere = lab.create(900)
    for volume_id, match in ((used, "in-use"), (nowhere, "no storage")):
        with pytest.raises(Conflict, match=match):
            begin(lab, volume_id, image)
    lab.begin_snapshot(copied)
    with pytest.raises(Conflict, match="being copied"):
        begin(lab, copied, image)
