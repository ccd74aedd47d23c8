"""Volumes of images and images of volumes, with a real Glance."""

import hashlib
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from lapilli.clients.glance import Glance
from lapilli.db import migrate
from lapilli.db.engine import Database
from lapilli.model.images import NewImage
from lapilli.model.values import Caller
from lapilli.operations import create_volume, reimage_volume, upload_image
from lapilli.operations.desks import CacheRules
from tests.system.image_cloud import ImageCloud
from tests.unit.operations.lab import RULES, Lab, forgo_durability

MIB = 2**20


@pytest.fixture
def client(images: ImageCloud) -> Glance:
    return images.client(vouches=True)


@pytest.fixture
def mia(images: ImageCloud) -> Caller:
    return images.caller("mia")


@pytest.fixture
def lab(tmp_path: Path, client: Glance) -> Iterator[Lab]:
    """Two backends whose image service is the real one."""
    url = f"sqlite:///{tmp_path / 'lapilli.sqlite'}"
    migrate.upgrade(url)
    with closing(Database(url)) as db:
        event.listen(db.engine, "connect", forgo_durability)
        lab = Lab(db, tmp_path)
        for backend in lab.backends:
            backend.desk = replace(backend.desk, images=client)
        lab.schedule(*lab.scheduler.filters)
        yield lab


def disk(tmp_path: Path, disk_format: str) -> tuple[bytes, bytes]:
    """An image of a disk of 3 MiB, and the disk."""
    data = hashlib.sha256(b"seed").digest() * (MIB // 32) + bytes(MIB) + b"end" * (MIB // 3) + b"x"
    plain, path = tmp_path / "plain", tmp_path / "image"
    plain.write_bytes(data)
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", disk_format, plain, path], check=True)
    return path.read_bytes(), data


def create(lab: Lab, client: Glance, mia: Caller, image_id: str) -> str:
    wish = create_volume.Wish(size_gib=1, image=client.find(image_id, mia))
    volume_id = lab.ask(create_volume.admit, mia, RULES, wish)
    lab.work()
    assert lab.status(volume_id) == "available", lab.operation(volume_id).error
    return volume_id


def content(lab: Lab, volume_id: str) -> bytes:
    (backend,) = (each for each in lab.backends if f"volume-{volume_id}" in each.files())
    with (backend.directory / f"volume-{volume_id}").open("rb") as file:
        return file.read(4 * MIB).rstrip(b"\0")


@pytest.mark.parametrize(("disk_format", "qemu_format"), [("raw", "raw"), ("qcow2", "qcow2"), ("vmdk", "vmdk")])
def test_there_and_back(
    lab: Lab, images: ImageCloud, client: Glance, mia: Caller, tmp_path: Path, disk_format: str, qemu_format: str
) -> None:
    """A tenant's image becomes a volume, that becomes the tenant's image, and a volume of that has the same bytes."""
    data, plain = disk(tmp_path, qemu_format)
    volume_id = create(lab, client, mia, images.image(data, disk_format=disk_format, os_distro="none"))
    assert content(lab, volume_id) == plain
    known = lab.volume(volume_id).image_metadata
    assert (known["os_distro"], known["disk_format"]) == ("none", disk_format)

    # A raw image has the whole GiB, which is for those who wait.
    made = "qcow2" if disk_format == "raw" else disk_format
    wish = NewImage(str(uuid.uuid4()), "again", made, "bare", "private", protected=False)
    client.create(replace(wish, properties=upload_image.properties(lab.volume(volume_id), RULES)), mia)
    lab.ask(upload_image.admit, mia, RULES, volume_id, wish, force=False)
    lab.work()
    seen = images.seen(wish.id)
    assert (seen["status"], seen["owner"], seen["os_distro"]) == ("active", mia.project_id, "none")
    assert lab.status(volume_id) == "available"
    assert content(lab, create(lab, client, mia, wish.id)) == plain


def test_no_token_is_kept(lab: Lab, images: ImageCloud, client: Glance, mia: Caller) -> None:
    """A private image becomes a volume after its owner's token was forgotten."""
    wish = create_volume.Wish(size_gib=1, image=client.find(images.image(b"bytes", visibility="private"), mia))
    volume_id = lab.ask(create_volume.admit, mia, RULES, wish)
    for file in lab.first.directory.parent.glob("lapilli.sqlite*"):
        assert mia.token.encode() not in file.read_bytes()
    lab.work()
    assert content(lab, volume_id) == b"bytes"


def test_image_that_vanishes(lab: Lab, images: ImageCloud, client: Glance, mia: Caller) -> None:
    """An image that its owner deletes meanwhile leaves a volume in error, with the reason."""
    image_id = images.image(b"bytes")
    wish = create_volume.Wish(size_gib=1, image=client.find(image_id, mia))
    volume_id = lab.ask(create_volume.admit, mia, RULES, wish)
    images.user("mia").delete(f"/images/{image_id}")
    lab.work()
    assert lab.status(volume_id) == "error"
    assert image_id in lab.operation(volume_id).error


def test_reimage(lab: Lab, images: ImageCloud, client: Glance, mia: Caller, tmp_path: Path) -> None:
    """A volume gets another image."""
    volume_id = create(lab, client, mia, images.image(b"old" * MIB))
    data, plain = disk(tmp_path, "qcow2")
    image = client.show(images.image(data, disk_format="qcow2"), mia)
    lab.ask(reimage_volume.admit, mia, RULES, volume_id, image, reserved=False)
    lab.work()
    assert (lab.status(volume_id), content(lab, volume_id)) == ("available", plain)


def test_cache(lab: Lab, images: ImageCloud, client: Glance, mia: Caller) -> None:
    """Once it is in the cache, an image need not be there at all."""
    for backend in lab.backends:
        backend.desk = replace(backend.desk, cache=CacheRules("internal", "operator"))
    lab.schedule(*lab.scheduler.filters)
    image_id = images.image(b"bytes")
    wish = create_volume.Wish(size_gib=1, image=client.find(image_id, mia))
    create(lab, client, mia, image_id)
    images.user("mia").delete(f"/images/{image_id}")
    volume_id = lab.ask(create_volume.admit, mia, RULES, wish)
    lab.work()
    assert content(lab, volume_id) == b"bytes"


def test_glance_is_away_for_a_while(lab: Lab, images: ImageCloud, client: Glance, mia: Caller) -> None:
    """A volume waits while Glance starts again."""
    wish = create_volume.Wish(size_gib=1, image=client.find(images.image(b"bytes"), mia))
    volume_id = lab.ask(create_volume.admit, mia, RULES, wish)
    images.server.stop()
    try:
        for _ in range(3):
            lab.round()
        assert lab.status(volume_id) == "downloading"
    finally:
        images.server.start()
    lab.work()
    assert content(lab, volume_id) == b"bytes"
