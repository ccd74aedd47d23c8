"""What is wiped reads as zeros, as far as asked for, and the work can be ended between two pieces."""

import os
from pathlib import Path

import pytest

from lapilli.machine.wipe import check_ionice, wipe
from lapilli.model.errors import BackendFailed, Malformed

MIB = 1024**2


def go_on(_done_bytes: int, _total_bytes: int) -> None:
    """Nothing ends the work."""


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A file stands for a block device here; in the kernel's guest it is one."""
    path = tmp_path / "device"
    path.write_bytes(b"x" * 130 * MIB)
    return path


def test_all_is_wiped(device: Path) -> None:
    """The size stays, and every byte is zero."""
    wipe(device, 0, go_on)
    assert device.stat().st_size == 130 * MIB
    assert not any(device.read_bytes())


def test_the_start_is_wiped(device: Path) -> None:
    """With a size, what follows keeps its bytes; a size beyond the end is the end."""
    wipe(device, 3 * MIB, go_on)
    data = device.read_bytes()
    assert not any(data[: 3 * MIB])
    assert data[3 * MIB :] == b"x" * 127 * MIB
    wipe(device, 200 * MIB, go_on)
    assert device.stat().st_size == 130 * MIB
    assert not any(device.read_bytes())


def test_it_tells_how_far_it_is(device: Path) -> None:
    """Before each piece: what is wiped of what is to be, which a size may make less than the device."""
    told: list[tuple[int, int]] = []
    wipe(device, 0, lambda *how_far: told.append(how_far))
    wipe(device, 3 * MIB, lambda *how_far: told.append(how_far))
    assert told == [(0, 130 * MIB), (64 * MIB, 130 * MIB), (128 * MIB, 130 * MIB), (0, 3 * MIB)]


def test_it_is_ended_between_pieces(device: Path) -> None:
    """What `go_on` raises ends it; the next call finishes."""

    def stop(done_bytes: int, _total_bytes: int) -> None:
        if done_bytes:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        wipe(device, 0, stop)
    data = device.read_bytes()
    assert not any(data[: 64 * MIB])
    assert data[-MIB:] == b"x" * MIB
    wipe(device, 0, go_on)
    assert not any(device.read_bytes())


def test_it_has_the_priority_asked_for(device: Path) -> None:
    """While it works the thread is in the class that ionice was told; afterwards it is not."""
    seen = []

    def look(*_how_far: int) -> None:
        seen.append(os.popen(f"ionice -p {os.getpid()}").read().strip())

    wipe(device, 0, look, "-c3")
    assert set(seen) == {"idle"}
    look()
    assert not seen[-1].startswith("idle")


def test_what_is_not_there(tmp_path: Path) -> None:
    """A device that is gone is the storage's fault."""
    with pytest.raises(BackendFailed, match="missing"):
        wipe(tmp_path / "missing", 0, go_on)


@pytest.mark.parametrize("words", ["-c4", "-c", "idle", "-c3 -p 1", "-c2 -n9", "; reboot"])
def test_bad_priorities(words: str) -> None:
    """Only a class and a level can be asked for."""
    with pytest.raises(Malformed, match="volume_clear_ionice"):
        check_ionice(words)


@pytest.mark.parametrize("words", ["", "-c3", "-c 3", "-c2 -n7", "-c 2 -n 0"])
def test_good_priorities(words: str) -> None:
    """As ionice takes them."""
    check_ionice(words)
