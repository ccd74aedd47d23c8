"""Images that are not what they say, or that refer to other files."""

import struct
from pathlib import Path

import pytest

from lapilli.machine.images import formats
from lapilli.model.errors import Malformed
from tests.unit.machine.images.lab import made, qemu_img

TYPES = ("streamOptimized", "monolithicSparse")
FORMATS = [("qcow2", "qcow2"), ("vmdk", "vmdk"), ("vdi", "vdi"), ("vhd", "vpc"), ("vhdx", "vhdx")]


def look(data: bytes, declared: str, vmdk_types: tuple[str, ...] = TYPES) -> None:
    seen = formats.inspected(data[start : start + 100_000] for start in range(0, len(data), 100_000))
    assert b"".join(seen) == data
    formats.check(seen, declared, vmdk_types)


@pytest.mark.parametrize(("declared", "qemu_format"), FORMATS)
def test_what_it_says(tmp_path: Path, declared: str, qemu_format: str) -> None:
    """An image of each format is taken for what it is, and for nothing else."""
    data, _ = made(tmp_path, qemu_format)
    look(data, declared)
    for other in ({"raw", "iso", "ami"} | {name for name, _ in FORMATS}) - {declared}:
        with pytest.raises(Malformed, match=f"declared as {other}"):
            look(data, other)


@pytest.mark.parametrize("declared", ["raw", "iso", "ami", "ari", "aki"])
def test_plain_bytes(declared: str) -> None:
    """Any bytes make a disk, with a partition table and without, and also none at all."""
    look(b"anything" * 100_000, declared)
    look(bytes(510) + b"\x55\xaa" + b"x" * 99_488, declared)
    look(b"", declared)


@pytest.mark.parametrize("declared", [name for name, _ in FORMATS])
def test_plain_bytes_are_no_format(declared: str) -> None:
    """Without the header of a format, an image is not of it."""
    with pytest.raises(Malformed, match=f"declared as {declared}, and is raw"):
        look(b"anything" * 100_000, declared)


def test_backing_file(tmp_path: Path) -> None:
    """CVE-2024-32498: the bytes that a volume lacks would be taken from a file of this machine."""
    target = tmp_path / "secret"
    target.write_bytes(bytes(65536))
    image = tmp_path / "image"
    qemu_img("create", "-f", "qcow2", "-F", "raw", "-b", target, image)
    with pytest.raises(Malformed, match=r"not safe to read.*backing file"):
        look(image.read_bytes(), "qcow2")


def test_data_file(tmp_path: Path) -> None:
    """The same hole by another door: a qcow2 whose bytes are all in another file."""
    image = tmp_path / "image"
    qemu_img("create", "-f", "qcow2", "-o", f"data_file={tmp_path / 'secret'},data_file_raw=on", image, "1M")
    with pytest.raises(Malformed, match=r"not safe to read.*data_file"):
        look(image.read_bytes(), "qcow2")


def test_vmdk_with_extents_elsewhere(tmp_path: Path) -> None:
    """A VMDK that is only a list of files."""
    text = b'# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 2048 FLAT "/etc/shadow" 0\n'
    with pytest.raises(Malformed):
        look(text.ljust(100_000, b"\0"), "vmdk")


def test_kinds_of_vmdk(tmp_path: Path) -> None:
    """The operator says which kinds are taken."""
    data, _ = made(tmp_path, "vmdk", "subformat=streamOptimized")
    look(data, "vmdk", ("streamOptimized",))
    with pytest.raises(Malformed, match="vmdk_allowed_types"):
        look(data, "vmdk", ("monolithicSparse",))


def test_header_alone() -> None:
    """A header that promises more than there is."""
    header = b"QFI\xfb" + struct.pack(">I", 3)
    with pytest.raises(Malformed):
        look(header, "qcow2")
