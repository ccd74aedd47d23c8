"""Files that are complete and on disk, or not there at all, whenever the process or the machine dies."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lapilli.model.errors import BackendFailed, NotFound

Fill = Callable[[int], None]
"""Writes the bytes of a new file to the descriptor it is given."""

_REMEDY = {
    errno.ENOSPC: "Free some space on its file system, or make that larger.",
    errno.EDQUOT: "Raise the disk quota of this process's user, or free some of its space.",
    errno.EROFS: "Mount its file system for writing; if the kernel made it read-only, look into the kernel log.",
    errno.EACCES: "Give this process's user the right to read and write there.",
    errno.EPERM: "Give this process's user the right to read and write there.",
    errno.ENOENT: "Look whether its file system is mounted.",
    errno.ENOTDIR: "Name a directory, or a path where one can be made.",
    errno.EEXIST: "Name a directory, or a path where one can be made.",
    errno.EFBIG: "The file system holds no file of this size.",
    errno.EIO: "Look into the kernel log: the disk may be failing.",
}


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Tell an `OSError` of the block as `BackendFailed`: what happened at `path`, and what to do."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDY.get(error.errno or 0, "")
        raise BackendFailed(f"{error.filename or path}: {error.strerror}. {remedy}".rstrip()) from error


def make(path: Path, fill: Fill) -> None:
    """Make the file `path` exist with the bytes that `fill` gives it.

    The name `path` is only ever taken by a complete file; until then it is called `.<name>.partial`, which a call after
    a crash finds and starts anew. If `path` exists, `fill` is not called. Of two callers at once, one waits for the
    other. Raises `BackendFailed`, or what `fill` raises, and then leaves nothing behind.
    """
    with faults(path):
        if not path.exists():
            _make_complete(path, fill)
        # Also when the file was there: whoever made it may have died before this.
        sync_directory(path)


def replace(path: Path, fill: Fill) -> None:
    """Give the file `path` the bytes that `fill` writes, all at once: until then it has those that it had.

    A call after a crash starts anew. Raises as `make` does.
    """
    partial = _partial(path)
    with faults(path):
        with _held(partial, os.O_RDWR | os.O_CREAT) as descriptor:
            _fill(descriptor, partial, path, fill)
        sync_directory(path)


def rename(old: Path, new: Path) -> None:
    """Call the file `old` by the name `new` of the same directory. If there is a `new` already, do nothing.

    Raises `NotFound` if there is neither, or `old` is no plain file.
    """
    with faults(old):
        if not new.exists():
            if old.is_symlink() or not old.is_file():
                raise NotFound("File", str(old))
            old.rename(new)
        sync_directory(new)


def grow(path: Path, size_bytes: int) -> None:
    """Make the file `path` at least so large, on disk. A larger one stays as it is."""
    with faults(path), _held(path, os.O_RDWR) as descriptor:
        if os.fstat(descriptor).st_size < size_bytes:
            os.ftruncate(descriptor, size_bytes)
        os.fsync(descriptor)


def remove(path: Path) -> None:
    """Make the file `path` not exist, complete or half-made. Waits for one who is making it."""
    partial = _partial(path)
    with faults(path):
        if partial.exists():
            with _held(partial, os.O_RDWR | os.O_CREAT):
                partial.unlink()
        path.unlink(missing_ok=True)
        sync_directory(path)


def _partial(path: Path) -> Path:
    """What the file `path` is called until it is complete."""
    return path.with_name(f".{path.name}.partial")


def name_of(entry: str) -> str:
    """What the file of a directory's entry is called, or will be once it is complete."""
    return entry[1:].removesuffix(".partial") if entry.startswith(".") else entry


def _make_complete(path: Path, fill: Fill) -> None:
    partial = _partial(path)
    with _held(partial, os.O_RDWR | os.O_CREAT) as descriptor:
        if path.exists():  # finished by the one this caller waited for
            partial.unlink()
            return
        _fill(descriptor, partial, path, fill)


def _fill(descriptor: int, partial: Path, path: Path, fill: Fill) -> None:
    try:
        os.ftruncate(descriptor, 0)
        fill(descriptor)
        os.fsync(descriptor)
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def _held(path: Path, flags: int) -> Iterator[int]:
    """A descriptor of `path` that no other caller holds. The kernel lets go of it when the process dies."""
    while True:
        descriptor = os.open(path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # The one waited for may have renamed or removed the file, so that the lock is on something else by now.
            if _is_at(path, descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def sync_directory(path: Path) -> None:
    """Put the name of the file `path`, or its absence, on disk."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
