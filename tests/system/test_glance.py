"""The client of images, against a real Glance."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lapilli.clients.glance import Glance
from lapilli.model.errors import Conflict, Forbidden, LapilliError, Malformed, NotFound, Taken, Unavailable
from lapilli.model.images import NewImage
from tests.system.image_cloud import ImageCloud, content
from tests.system.service import until

DATA = bytes(range(256)) * 9000


@pytest.fixture(scope="module")
def client(images: ImageCloud) -> Glance:
    """The client as operators have it: by the catalog, without service tokens."""
    return images.client()


def new(name: str = "new", **facts: object) -> NewImage:
    return replace(NewImage(str(uuid.uuid4()), name, "raw", "bare"), **facts)


def test_show(images: ImageCloud, client: Glance) -> None:
    """An image has its sizes, digests and properties."""
    image = client.show(images.image(DATA, min_disk=2, os_distro="none"), images.caller("mia"))
    assert (image.status, image.size_bytes, image.min_disk_gib, image.disk_format) == ("active", len(DATA), 2, "raw")
    assert image.hash_algorithm == "sha512"
    assert image.properties == {"os_distro": "none"}


def test_a_caller_sees_what_glance_lets_it(images: ImageCloud, client: Glance) -> None:
    """The image of another project is not found, though this service itself could see it."""
    image_id = images.image(b"x", visibility="private")
    assert client.show(image_id).id == image_id
    with pytest.raises(NotFound, match=image_id):
        client.show(image_id, images.caller("ben"))


def test_service_token(images: ImageCloud) -> None:
    """A caller's token serves with a service token beside it, too."""
    image_id = images.image(b"x")
    assert images.client(vouches=True).show(image_id, images.caller("mia")).id == image_id


def test_a_token_that_glance_does_not_know(images: ImageCloud, client: Glance) -> None:
    """What Glance refuses is refused, and not the service's fault."""
    with pytest.raises(Forbidden):
        client.show(images.image(b"x"), replace(images.caller("mia"), token="gAAAA"))


def test_find(images: ImageCloud, client: Glance) -> None:
    """An image is found by its id, by a URL that ends with it, and by its name."""
    name = uuid.uuid4().hex
    image_id, mia = images.image(b"x", name=f"{name}: a, \\b"), images.caller("mia")
    for reference in (image_id, f"http://glance/v2/images/{image_id}", f"{name}: a, \\b"):
        assert client.find(reference, mia).id == image_id


def test_find_needs_one(images: ImageCloud, client: Glance) -> None:
    """No image and two images of a name are different mistakes."""
    mia = images.caller("mia")
    images.image(b"x", name="twice"), images.image(b"y", name="twice")
    with pytest.raises(Taken, match="2 images are called twice"):
        client.find("twice", mia)
    for nothing in ("no such thing", str(uuid.uuid4()), "http://glance/", "a?b&c=d/../"):
        with pytest.raises(Malformed, match="Invalid image identifier"):
            client.find(nothing, mia)


def test_download(images: ImageCloud, client: Glance) -> None:
    """The bytes are the image's."""
    assert content(client, client.show(images.image(DATA))) == DATA
    assert content(client, client.show(images.image(b""))) == b""


@pytest.mark.parametrize("wrong", [{"hash_value": "00"}, {"size_bytes": 7}, {"hash_algorithm": "??", "checksum": "0"}])
def test_download_of_other_bytes(images: ImageCloud, client: Glance, wrong: dict[str, object]) -> None:
    """Bytes that are not those of the image are not taken for it."""
    image = replace(client.show(images.image(DATA)), **wrong)
    with pytest.raises(Unavailable, match=image.id):
        content(client, image)


def test_download_from_the_file(images: ImageCloud) -> None:
    """With the scheme `file` allowed, Glance itself need not send the bytes."""
    client = images.client(allowed_direct_url_schemes=("file",))
    image = client.show(images.image(DATA))
    assert image.direct_url
    assert image.direct_url.startswith("file:///")
    assert content(client, image) == DATA


def test_create_and_upload(images: ImageCloud, client: Glance) -> None:
    """An image that a caller creates is the caller's, also when this service uploads it."""
    wish = new("fresh", visibility="private", protected=False, properties={"os_distro": "none"})
    assert client.create(wish, images.caller("mia")).status == "queued"
    client.upload(wish.id, iter([DATA[:1000], b"", DATA[1000:]]))
    seen = images.seen(wish.id)
    assert (seen["status"], seen["owner"], seen["os_distro"]) == ("active", images.caller("mia").project_id, "none")
    assert images.bytes_of(wish.id) == DATA


def test_create_twice(images: ImageCloud, client: Glance) -> None:
    """A second attempt finds what the first has made; another project's image is no first attempt."""
    wish = new()
    assert client.create(wish, images.caller("mia")).id == client.create(wish, images.caller("mia")).id
    with pytest.raises(NotFound):
        client.create(wish, images.caller("ben"))


def test_create_what_glance_refuses(images: ImageCloud, client: Glance) -> None:
    """The sentence is Glance's, and the mistake the caller's."""
    with pytest.raises(Malformed, match="wurst"):
        client.create(new(disk_format="wurst"), images.caller("mia"))
    with pytest.raises(Forbidden):
        client.create(new(visibility="public"), images.caller("mia"))


def test_upload_twice(images: ImageCloud, client: Glance) -> None:
    """An image's bytes are never replaced."""
    image_id = images.image(DATA)
    with pytest.raises(Conflict):
        client.upload(image_id, iter([b"others"]))
    assert images.bytes_of(image_id) == DATA


def test_upload_that_breaks(images: ImageCloud, client: Glance) -> None:
    """What the source raises is what the caller gets, and the image waits for its bytes again."""
    wish = new()
    client.create(wish, images.caller("mia"))

    def broken() -> Iterator[bytes]:
        yield DATA
        raise LapilliError("the disk is gone")

    with pytest.raises(LapilliError, match="the disk is gone"):
        client.upload(wish.id, broken())

    def is_uploaded() -> bool:
        try:
            client.upload(wish.id, iter([DATA]))
        except (Conflict, NotFound):  # Glance has not yet noticed that the first connection is gone, or is noticing it
            return False
        return True

    until(is_uploaded, lambda: "Glance waits for the rest")
    assert images.bytes_of(wish.id) == DATA


def test_set_properties(images: ImageCloud, client: Glance) -> None:
    """Properties are added or replaced, and others stay."""
    image_id = images.image(b"x", kept="1", changed="1")
    client.set_properties(image_id, {"changed": "2", "a/b~c": "3"})
    assert client.show(image_id).properties == {"kept": "1", "changed": "2", "a/b~c": "3"}


def test_delete(images: ImageCloud, client: Glance) -> None:
    """What is deleted twice is gone."""
    image_id = images.image(b"x")
    client.delete(image_id)
    client.delete(image_id)
    with pytest.raises(NotFound):
        client.show(image_id)


def test_delete_protected(images: ImageCloud, client: Glance) -> None:
    """Glance protects its images from us, too."""
    with pytest.raises(Forbidden):
        client.delete(images.image(b"x", protected=True))
