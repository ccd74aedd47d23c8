"""A local file as a volume's bytes: what is written, cleared and read, and what is told when it cannot be."""

import os
from pathlib import Path

import pytest

from lapilli.machine import device
from lapilli.model.errors import BackendFailed

_MIB = 1024**2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sparse file of 8 MiB."""
    path = tmp_path / "volume"
    path.touch()
    os.truncate(path, 8 * _MIB)
    return path


def test_bytes_are_where_they_were_put(path: Path) -> None:
    """Reads give what was written, and zeros elsewhere; the size stays."""
    with device.opened(str(path), is_written=True) as opened:
        opened.write(3 * _MIB - 2, b"abcd")
        opened.flush()
        assert opened.read(3 * _MIB - 4, 8) == b"\0\0abcd\0\0"
        assert opened.read(5 * _MIB, 2 * _MIB) == bytes(2 * _MIB)
        assert opened.size_bytes == 8 * _MIB


def test_cleared_ranges_read_as_zeros_and_take_no_space(path: Path) -> None:
    """Data goes, its neighbours stay, and a second call does nothing."""
    with device.opened(str(path), is_written=True) as opened:
        opened.write(0, b"a" * 4 * _MIB)
        for _ in range(2):
            opened.clear(_MIB, 2 * _MIB)
            opened.clear(6 * _MIB, _MIB)
            opened.flush()
        assert opened.read(0, 4 * _MIB) == b"a" * _MIB + bytes(2 * _MIB) + b"a" * _MIB
    assert path.stat().st_blocks * 512 <= 2 * _MIB + 64 * 1024
    assert path.stat().st_size == 8 * _MIB


def test_the_end_is_not_passed_over(path: Path) -> None:
    """A range that is not whole there is an error, not less."""
    with device.opened(str(path)) as opened:
        os.truncate(path, _MIB + 5)
        path.open("r+b").write(b"x" * (_MIB + 5))
        with pytest.raises(BackendFailed, match="shorter"):
            opened.read(_MIB, 10)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """A path that this machine does not reach."""
    with pytest.raises(BackendFailed, match="nowhere"), device.opened(str(tmp_path / "nowhere")):
        pass
