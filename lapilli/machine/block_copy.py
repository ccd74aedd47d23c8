"""Copies of volumes between files and block devices: piece by piece, begun again without harm, and compared.

What is a hole on both sides is neither read nor written.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from lapilli.machine import sparse
from lapilli.machine.device import LocalDevice, opened
from lapilli.machine.files import faults
from lapilli.model.errors import BackendFailed, Malformed

GoOn = Callable[[], None]
"""Called between pieces; raises what ends the work."""

# Small enough for memory, and for a cancellation to be heard soon.
_PIECE_BYTES: Final = 4 * 1024**2


def check(source: Path, target: Path) -> None:
    """Raise `Malformed` if this machine has no file or block device `source`, or if `target` is the same one."""
    try:
        kind = source.stat().st_mode
        os.close(os.open(source, os.O_RDONLY))
    except OSError as error:
        raise Malformed(f"{source} cannot be read on {os.uname().nodename}: {error.strerror}.") from error
    if not (stat.S_ISREG(kind) or stat.S_ISBLK(kind)):
        raise Malformed(f"{source} is neither a file nor a block device.")
    if target.exists() and target.samefile(source):
        raise Malformed(f"{source} and {target} are the same: there is nothing to copy.")


def copy(source: Path, target: Path, go_on: GoOn) -> None:
    """Give `target`, which is at least as large, the bytes of `source`, on disk. What is equal is not written."""
    with opened(str(source)) as old, opened(str(target), is_written=True) as new:
        for offset, bytes_there, bytes_wanted in _differences(source, target, old, new, go_on):
            if any(bytes_wanted):
                new.write(offset, bytes_wanted)
            elif bytes_there:
                new.clear(offset, len(bytes_wanted))
        new.flush()


def first_difference(source: Path, target: Path, go_on: GoOn) -> int | None:
    """Where `target`, read from disk, first has other bytes than `source`; None if nowhere."""
    _forget_cached(target)
    with opened(str(source)) as old, opened(str(target)) as new:
        for offset, bytes_there, bytes_wanted in _differences(source, target, old, new, go_on):
            pairs = zip(bytes_there, bytes_wanted, strict=True)
            return offset + next(place for place, (one, other) in enumerate(pairs) if one != other)
    return None


def _differences(
    source: Path, target: Path, old: LocalDevice, new: LocalDevice, go_on: GoOn
) -> Iterator[tuple[int, bytes, bytes]]:
    """Each piece that differs: its offset, the target's bytes and the source's."""
    if new.size_bytes < old.size_bytes:
        raise BackendFailed(f"{target} has {new.size_bytes} bytes, and {source} has {old.size_bytes}.")
    for offset, length in _pieces(source, target, old.size_bytes):
        go_on()
        bytes_there, bytes_wanted = new.read(offset, length), old.read(offset, length)
        if bytes_there != bytes_wanted:
            yield offset, bytes_there, bytes_wanted


def _pieces(source: Path, target: Path, size_bytes: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of all that is data on either side, in order and without overlaps."""
    behind = 0
    for start, end in sorted([*_extents(source), *_extents(target)]):
        offset = max(start, behind)
        behind = max(behind, min(end, size_bytes))
        while offset < behind:
            length = min(_PIECE_BYTES, behind - offset)
            yield offset, length
            offset += length


def _extents(path: Path) -> list[tuple[int, int]]:
    with faults(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            return list(sparse.data_extents(descriptor))
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            return [(0, os.lseek(descriptor, 0, os.SEEK_END))]  # a block device knows no holes
        finally:
            os.close(descriptor)


def _forget_cached(path: Path) -> None:
    """Let the next reads come from the disk."""
    with faults(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
