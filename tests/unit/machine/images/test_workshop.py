"""Images into volumes and volumes into images, with the real qemu-img."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.machine.images.workshop import ConversionSettings, Workshop
from lapilli.model.errors import BackendFailed, Malformed, Unavailable
from lapilli.model.images import Image
from tests.unit.machine.images.lab import KIB, disk, made, qemu_img

SIZE_BYTES = 2048 * KIB


@pytest.fixture
def settings(tmp_path: Path) -> ConversionSettings:
    return ConversionSettings(str(tmp_path / "conversion"))


@pytest.fixture
def workshop(settings: ConversionSettings) -> Workshop:
    return Workshop(settings)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """A volume with bytes of its last use."""
    path = tmp_path / "volume"
    path.write_bytes(b"o" * SIZE_BYTES)
    return path


def fill(workshop: Workshop, volume: Path, data: bytes, disk_format: str = "raw", container: str = "bare") -> None:
    image = Image("i", size_bytes=len(data), disk_format=disk_format, container_format=container)
    workshop.fill("name", str(volume), image, (data[start : start + 70_000] for start in range(0, len(data), 70_000)))


def held(volume: Path) -> bytes:
    """The volume's bytes, without the zeros at the end; its size has not changed."""
    data = volume.read_bytes()
    assert len(data) == SIZE_BYTES
    return data.rstrip(b"\0")


def leftovers(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "conversion").glob("*"))


def test_raw(workshop: Workshop, volume: Path, tmp_path: Path) -> None:
    """A raw image needs no room elsewhere, and leaves nothing of what the volume held; zeros take no space."""
    data = disk(tmp_path / "disk")
    fill(workshop, volume, data)
    assert held(volume) == data
    assert volume.stat().st_blocks * 512 < SIZE_BYTES // 4
    assert not (tmp_path / "conversion").exists()


@pytest.mark.parametrize(
    ("disk_format", "qemu_format"),
    [("qcow2", "qcow2"), ("vmdk", "vmdk"), ("vdi", "vdi"), ("vhd", "vpc"), ("vhdx", "vhdx"), ("ploop", "parallels")],
)
def test_converted(workshop: Workshop, volume: Path, tmp_path: Path, disk_format: str, qemu_format: str) -> None:
    """Images of each format become the volume's bytes, and the other way round."""
    data, plain = made(tmp_path, qemu_format)
    fill(workshop, volume, data, disk_format)
    assert held(volume) == plain.rstrip(b"\0")
    with workshop.made("name", str(volume), disk_format, "bare") as chunks:
        again = b"".join(chunks)
    other = tmp_path / "other"
    other.write_bytes(bytes(SIZE_BYTES))
    fill(workshop, other, again, disk_format)
    assert held(other) == held(volume)
    assert leftovers(tmp_path) == []


def test_compressed(workshop: Workshop, volume: Path, tmp_path: Path) -> None:
    """The container `compressed` is a gzip stream around any format."""
    data, plain = made(tmp_path, "qcow2")
    fill(workshop, volume, gzip.compress(data), "qcow2", "compressed")
    assert held(volume) == plain.rstrip(b"\0")
    with workshop.made("name", str(volume), "raw", "compressed") as chunks:
        assert gzip.decompress(b"".join(chunks)) == volume.read_bytes()


@pytest.mark.parametrize(
    "data", [b"no gzip", gzip.compress(b"x" * 9999)[:-9], b"", gzip.compress(bytes(SIZE_BYTES + 1))]
)
def test_compressed_badly(workshop: Workshop, volume: Path, data: bytes) -> None:
    """What cannot be unpacked, or unpacks to more than the volume, is refused."""
    with pytest.raises(Malformed):
        fill(workshop, volume, data, "raw", "compressed")


def test_too_large(workshop: Workshop, volume: Path, tmp_path: Path) -> None:
    """A disk that is larger than the volume, raw and in a format that hides its size."""
    with pytest.raises(Malformed, match="does not fit"):
        fill(workshop, volume, bytes(SIZE_BYTES + 1))
    image = tmp_path / "image"
    qemu_img("create", "-f", "qcow2", image, str(SIZE_BYTES + 65536))
    with pytest.raises(Malformed, match="does not fit"):
        fill(workshop, volume, image.read_bytes(), "qcow2")
    assert leftovers(tmp_path) == []


def test_no_conversions(settings: ConversionSettings, volume: Path, tmp_path: Path) -> None:
    """An operator may have raw images alone."""
    workshop = Workshop(replace(settings, image_conversion_disable=True))
    data, _ = made(tmp_path, "qcow2")
    with pytest.raises(Malformed, match="qcow2 are not taken"):
        fill(workshop, volume, data, "qcow2")
    with pytest.raises(Malformed, match="vmdk are not taken"), workshop.made("name", str(volume), "vmdk", "bare"):
        pass
    fill(workshop, volume, b"raw")


def test_broken_download(workshop: Workshop, volume: Path, tmp_path: Path) -> None:
    """What the download raises is raised, for raw images and others, and leaves no file."""
    data, _ = made(tmp_path, "qcow2")

    def broken() -> Iterator[bytes]:
        yield data
        raise Unavailable("other bytes")

    for disk_format in ("qcow2", "raw"):
        with pytest.raises(Unavailable, match="other bytes"):
            workshop.fill("name", str(volume), Image("i", disk_format=disk_format), broken())
    assert leftovers(tmp_path) == []


def test_no_room(workshop: Workshop, volume: Path) -> None:
    """An image that does not fit into the folder is not begun."""
    image = Image("i", size_bytes=2**60, disk_format="qcow2")
    with pytest.raises(BackendFailed, match="image_conversion_dir"):
        workshop.fill("name", str(volume), image, iter([b"x"]))


def test_leftovers_of_a_crash(workshop: Workshop, volume: Path, tmp_path: Path) -> None:
    """What an attempt has left that died is replaced by the next."""
    (tmp_path / "conversion").mkdir()
    (tmp_path / "conversion/name.image").write_bytes(b"x" * 5_000_000)
    data, plain = made(tmp_path, "qcow2")
    fill(workshop, volume, data, "qcow2")
    assert held(volume) == plain.rstrip(b"\0")
    assert leftovers(tmp_path) == []
    (tmp_path / "conversion/name.image").write_bytes(b"x")
    for _ in range(2):
        workshop.clean("name")
        assert leftovers(tmp_path) == []


def test_no_volume(workshop: Workshop, tmp_path: Path) -> None:
    """A volume that is not there is the storage's fault."""
    with pytest.raises(BackendFailed):
        fill(workshop, tmp_path / "none", b"x")
    with pytest.raises(BackendFailed), workshop.made("name", str(tmp_path / "none"), "raw", "bare"):
        pass
