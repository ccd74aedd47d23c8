"""Copies between files and block devices: their bytes, their holes, their ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.machine import block_copy
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, Malformed

MIB = 1024**2


def go_on() -> None:
    """Nothing ends the work."""


def make(path: Path, size_bytes: int, **parts: bytes) -> Path:
    """A sparse file with bytes at some offsets, `m5` being the fifth MiB."""
    with path.open("wb") as file:
        file.truncate(size_bytes)
        for place, data in parts.items():
            file.seek(int(place[1:]) * MIB)
            file.write(data)
    return path


def test_holes_stay_holes(tmp_path: Path) -> None:
    """What is a hole on both sides is not written, and what is data only at the target becomes zeros again."""
    source = make(tmp_path / "source", 64 * MIB, m5=b"five", m40=b"forty")
    target = make(tmp_path / "target", 80 * MIB, m20=b"x" * MIB)
    pieces: list[int] = []
    block_copy.copy(source, target, lambda: pieces.append(1))
    assert target.read_bytes()[: 64 * MIB] == source.read_bytes()
    assert target.stat().st_blocks * 512 < MIB
    assert len(pieces) < 6
    assert block_copy.first_difference(source, target, go_on) is None


def test_nothing_is_written_twice(tmp_path: Path) -> None:
    """A copy that is begun again writes only what is missing."""
    source = make(tmp_path / "source", 32 * MIB, m1=b"a" * 9 * MIB)
    target = make(tmp_path / "target", 32 * MIB, m1=b"a" * 9 * MIB)
    before = target.stat().st_mtime_ns
    block_copy.copy(source, target, go_on)
    assert target.stat().st_mtime_ns == before


@pytest.mark.parametrize("place", ["m0", "m7", "m31"])
def test_the_first_difference(tmp_path: Path, place: str) -> None:
    """It is told to the byte, wherever it is."""
    source = make(tmp_path / "source", 32 * MIB, m7=b"a")
    target = make(tmp_path / "target", 32 * MIB, m7=b"a")
    with target.open("r+b") as file:
        file.seek(int(place[1:]) * MIB + 11)
        file.write(b"?")
    assert block_copy.first_difference(source, target, go_on) == int(place[1:]) * MIB + 11


def test_a_smaller_target(tmp_path: Path) -> None:
    """A target that does not hold the source is told, before anything is written."""
    source, target = make(tmp_path / "source", 2 * MIB, m0=b"a"), make(tmp_path / "target", MIB)
    with pytest.raises(BackendFailed, match=str(MIB)):
        block_copy.copy(source, target, go_on)
    assert target.stat().st_blocks == 0


def test_sources_that_are_none(tmp_path: Path) -> None:
    """Nothing there, a directory, the target itself under this or another name."""
    target = make(tmp_path / "target", MIB)
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "second").hardlink_to(target)
    for name in ("nothing", ".", "target", "link", "second"):
        with pytest.raises(Malformed):
            block_copy.check(tmp_path / name, target)
    block_copy.check(make(tmp_path / "source", MIB), target)
    block_copy.check(target, tmp_path / "not made yet")


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Path]:
    """A block device of 32 MiB, full of something."""
    backing = make(tmp_path / "backing", 32 * MIB, m0=b"x" * 32 * MIB)
    name = run(["losetup", "--find", "--show", str(backing)]).strip()
    try:
        yield Path(name)
    finally:
        run(["losetup", "--detach", name])


def test_block_devices(device: Path, tmp_path: Path) -> None:
    """A device is compared as a whole, in either direction."""
    source = make(tmp_path / "source", 32 * MIB, m3=b"a" * MIB)
    block_copy.check(source, device)
    block_copy.copy(source, device, go_on)
    assert block_copy.first_difference(source, device, go_on) is None
    target = make(tmp_path / "target", 32 * MIB, m9=b"x")
    block_copy.copy(device, target, go_on)
    assert target.read_bytes() == source.read_bytes()
