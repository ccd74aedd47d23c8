"""Copies have the same bytes and the same holes, by whatever way the kernel allows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lapilli.machine import sparse
from lapilli.model.errors import BackendFailed
from tests import mounts

MIB = 1024**2


@contextmanager
def opened(source: Path, target: Path) -> Iterator[tuple[int, int]]:
    with source.open("rb") as reader, target.open("wb+") as writer:
        yield reader.fileno(), writer.fileno()


def make_sparse(path: Path, size_bytes: int, parts: dict[int, bytes]) -> None:
    with path.open("wb") as file:
        file.truncate(size_bytes)
        for offset, data in parts.items():
            file.seek(offset)
            file.write(data)


PARTS = {
    "empty": (0, {}),
    "only a hole": (64 * MIB + 5, {}),
    "only data": (3 * MIB, {0: os.urandom(3 * MIB)}),
    "holes around": (64 * MIB, {10 * MIB: os.urandom(4096), 30 * MIB: os.urandom(9 * MIB)}),
    "data at both ends": (1024 * MIB, {0: b"first", 1024 * MIB - 4: b"last"}),
}


@pytest.mark.parametrize("shape", PARTS)
@pytest.mark.parametrize("across", [False, True], ids=["in the kernel", "across file systems"])
def test_a_copy_is_equal_and_as_sparse(shape: str, across: bool, tmp_path: Path) -> None:
    """Size, bytes and blocks are those of the source."""
    size_bytes, parts = PARTS[shape]
    source, target = tmp_path / "source", tmp_path / "target"
    if not across:
        make_sparse(source, size_bytes, parts)
        _copy_and_compare(source, target, parts)
        return
    memory = tmp_path / "memory"
    memory.mkdir()
    with mounts.tmpfs(memory, "size=32m"):
        make_sparse(memory / "source", size_bytes, parts)
        _copy_and_compare(memory / "source", target, parts)


def _copy_and_compare(source: Path, target: Path, parts: dict[int, bytes]) -> None:
    with opened(source, target) as (reader, writer):
        sparse.copy(reader, writer)
    assert target.stat().st_size == source.stat().st_size
    data_bytes = sum(map(len, parts.values()))
    assert target.stat().st_blocks * 512 <= data_bytes + 65536 * (len(parts) + 1)
    with target.open("rb") as file:
        for offset, data in parts.items():
            file.seek(offset)
            assert file.read(len(data)) == data


def test_extents_are_the_data(tmp_path: Path) -> None:
    """The extents cover all data, in order and whole blocks at most, and nothing else."""
    make_sparse(tmp_path / "a", 64 * MIB, {MIB: b"x" * MIB, 32 * MIB: b"y"})
    with (tmp_path / "a").open("rb") as file:
        extents = list(sparse.data_extents(file.fileno()))
    assert [start for start, _ in extents] == [MIB, 32 * MIB]
    assert extents[0][1] == 2 * MIB
    assert 32 * MIB < extents[1][1] <= 32 * MIB + 65536


def test_a_copy_that_does_not_fit_is_not_begun(tmp_path: Path) -> None:
    """The space is looked at first, and the message says how much is needed and free."""
    small = tmp_path / "small"
    small.mkdir()
    make_sparse(tmp_path / "source", 64 * MIB, {0: b"x" * (5 * MIB)})
    with mounts.tmpfs(small, "size=2m"):
        target = small / "target"
        with (
            opened(tmp_path / "source", target) as (reader, writer),
            pytest.raises(BackendFailed, match=r"needs 5 MiB and its file system has 2 MiB free\. Free some space"),
        ):
            sparse.copy(reader, writer)
        assert target.stat().st_blocks == 0


def test_a_large_hole_costs_no_space(tmp_path: Path) -> None:
    """A file larger than the free space is copied if its data fit."""
    with mounts.tmpfs(tmp_path, "size=8m"):
        make_sparse(tmp_path / "source", 1024 * MIB, {500 * MIB: b"x" * MIB})
        with opened(tmp_path / "source", tmp_path / "target") as (reader, writer):
            sparse.copy(reader, writer)
        assert (tmp_path / "target").stat().st_size == 1024 * MIB
