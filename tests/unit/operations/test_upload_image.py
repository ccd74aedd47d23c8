"""Images that are made of volumes."""

import hashlib
from typing import Any

import pytest

from lapilli.db import messages, volumes
from lapilli.db.listing import Page
from lapilli.model.errors import BackendFailed, Conflict, Malformed
from lapilli.model.images import NewImage
from lapilli.operations import upload_image
from lapilli.operations.admission import Rules
from tests.unit.operations.lab import RULES, STRANGER, TENANT, Lab
from tests.unit.operations.test_create_volume_from_image import complaints, content, create

WISH = NewImage("11111111-0000-4000-8000-00000000000b", "made", "qcow2", "bare")


def begin(lab: Lab, volume_id: str, wish: NewImage = WISH, *, force: bool = False, rules: Rules = RULES) -> None:
    lab.first.images.create(wish)
    lab.ask(upload_image.admit, TENANT, rules, volume_id, wish, force=force)


def test_upload(lab: Lab) -> None:
    """The image has the volume's bytes, and the volume is as before."""
    volume_id = lab.create()
    (backend,) = (each for each in lab.backends if each.files())
    with (backend.directory / f"volume-{volume_id}").open("r+b") as file:
        file.write(b"bytes of the volume")
    begin(lab, volume_id)
    assert lab.status(volume_id) == "uploading"
    lab.work()
    assert lab.status(volume_id) == "available"
    image = lab.first.images.show(WISH.id)
    assert (image.status, image.size_bytes < 2**20) == ("active", True)
    assert content(lab, create(lab, image)) == b"bytes of the volume"


def test_raw(lab: Lab) -> None:
    """A raw image is the volume, byte by byte."""
    volume_id = lab.create()
    begin(lab, volume_id, NewImage(WISH.id, "made", "raw", "bare"))
    lab.work()
    image = lab.first.images.show(WISH.id)
    assert image.size_bytes == 2**30
    assert image.hash_value == hashlib.sha512(bytes(2**30)).hexdigest()


@pytest.mark.parametrize("allowed", [True, False])
def test_volume_in_use(lab: Lab, allowed: bool) -> None:
    """A volume in use becomes an image if the request insists and the operator lets it; it stays in use."""
    volume_id = lab.create()
    lab.attach(volume_id)
    rules = Rules(uploads_in_use=allowed)
    with pytest.raises(Conflict, match="in-use"):
        begin(lab, volume_id, rules=rules)
    if allowed:
        begin(lab, volume_id, force=True, rules=rules)
        lab.work()
        assert lab.status(volume_id) == "in-use"
    else:
        with pytest.raises(Conflict, match="in-use"):
            begin(lab, volume_id, force=True, rules=rules)


def test_detached_meanwhile(lab: Lab) -> None:
    """A volume that is detached while it is uploaded is available afterwards."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    begin(lab, volume_id, force=True, rules=Rules(uploads_in_use=True))
    lab.detach(attachment_id)
    lab.work()
    assert (lab.status(volume_id), lab.volume(volume_id).attach_status) == ("available", "detached")


def test_backend_that_fails(lab: Lab) -> None:
    """The volume is as before, the image without bytes is deleted though it is protected, and the project is told."""
    volume_id = lab.create()

    def fail() -> None:
        raise BackendFailed("the disk is gone")

    for backend in lab.backends:
        backend.driver.before["path"] = fail
    begin(lab, volume_id, NewImage(WISH.id, "made", "qcow2", "bare", protected=True))
    lab.work()
    assert lab.status(volume_id) == "available"
    assert lab.first.images.list() == []
    assert complaints(lab, volume_id) == ["VOLUME_VOLUME_003_004"]


def test_image_deleted_meanwhile(lab: Lab) -> None:
    """An image that its owner has deleted is no reason to hold the volume."""
    volume_id = lab.create()
    begin(lab, volume_id)
    lab.first.images.delete(WISH.id)
    lab.work()
    assert lab.status(volume_id) == "available"
    assert lab.operation(volume_id).outcome == "failed"


def test_bytes_from_an_attempt_before(lab: Lab) -> None:
    """An image that has its bytes already keeps them."""
    volume_id = lab.create()
    begin(lab, volume_id)
    lab.first.images.upload(WISH.id, iter([b"complete"]))
    lab.work()
    assert lab.first.images.bytes_of(WISH.id) == b"complete"
    assert lab.operation(volume_id).outcome == "done"


@pytest.mark.parametrize(
    ("facts", "rules", "match"),
    [
        ({"container_format": "compressed"}, RULES, "allow_compression_on_image_upload"),
        ({"disk_format": "qcow2", "key": "k"}, RULES, "encrypted"),
    ],
)
def test_refused(lab: Lab, facts: dict[str, Any], rules: Rules, match: str) -> None:
    """What cannot be made is refused, and the volume is not touched."""
    volume_id = lab.create()
    lab.db.write(lambda tx: volumes.change(tx, volume_id, encryption_key_id=facts.pop("key", None)))
    wish = NewImage(**{"id": WISH.id, "name": "n", "disk_format": "raw", "container_format": "bare", **facts})
    with pytest.raises(Malformed, match=match):
        begin(lab, volume_id, wish, rules=rules)
    assert lab.status(volume_id) == "available"


def test_properties(lab: Lab) -> None:
    """The image gets what its volume knows of an image before, but nothing that only holds for that one."""
    volume_id = lab.create()
    known = {
        "image_id": "i",
        "checksum": "c",
        "min_disk": "1",
        "signature_verified": "False",
        "img_signature": "s",
        "os_glance_stage": "g",
        "acme_inner": "a",
        "os_distro": "none",
    }
    lab.db.write(lambda tx: volumes.change(tx, volume_id, image_metadata=known))
    rules = Rules(reserved_image_namespaces=("acme",))
    assert upload_image.properties(lab.volume(volume_id), rules) == {"os_distro": "none"}


def test_strangers_see_no_volume(lab: Lab) -> None:
    """Of another project's volume, nothing is told."""
    volume_id = lab.create()
    with pytest.raises(Exception, match="could not be found"):
        lab.ask(upload_image.admit, STRANGER, RULES, volume_id, WISH, force=False)
    assert lab.see(messages.list_page, Page(None)) == []
