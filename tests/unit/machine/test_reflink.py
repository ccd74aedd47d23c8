"""Reflinks share blocks where the file system can, and say so where it cannot."""

import os
from pathlib import Path

import pytest

from lapilli.machine import reflink
from tests import mounts

MIB = 1024**2


@pytest.mark.parametrize("kind", ["xfs", "btrfs"])
def test_a_clone_shares_blocks_until_one_is_written(kind: str, tmp_path: Path) -> None:
    """The clone has the bytes that were written before it, also unsynced ones, and takes no space."""
    data = os.urandom(32 * MIB)
    with mounts.image(tmp_path, kind) as mount:
        with (mount / "source").open("wb+") as source, (mount / "target").open("wb+") as target:
            source.write(data)
            source.flush()
            assert reflink.clone(source.fileno(), target.fileno())
            os.fsync(target.fileno())
            used_bytes = _used_bytes(mount)
            source.seek(0)
            source.write(bytes(4096))
        assert (mount / "target").read_bytes() == data
        (mount / "target").unlink()
        os.sync()
        assert used_bytes - _used_bytes(mount) < 4 * MIB


def _used_bytes(mount: Path) -> int:
    space = os.statvfs(mount)
    return (space.f_blocks - space.f_bfree) * space.f_frsize


def test_a_file_system_without_reflinks_says_no(tmp_path: Path) -> None:
    """No error: the caller copies instead."""
    with mounts.tmpfs(tmp_path, "size=1m"), (tmp_path / "a").open("wb+") as a, (tmp_path / "b").open("wb+") as b:
        assert not reflink.clone(a.fileno(), b.fileno())


def test_two_file_systems_say_no(tmp_path: Path) -> None:
    """Files on different file systems cannot share blocks."""
    memory = tmp_path / "memory"
    memory.mkdir()
    with mounts.tmpfs(memory, "size=1m"), (memory / "a").open("wb+") as a, (tmp_path / "b").open("wb+") as b:
        assert not reflink.clone(a.fileno(), b.fileno())
