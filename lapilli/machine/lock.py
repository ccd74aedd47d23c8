"""A lock between processes that lasts exactly as long as its holder lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lapilli.machine.files import faults
from lapilli.model.errors import Unavailable


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Be the only holder of the lock file `path`, which is made in an existing directory, until the block ends.

    Raises `Unavailable`, naming the process that holds it, without waiting. The file stays when the lock ends: if it
    were removed, two processes could each hold a lock on a file of that name.
    """
    with faults(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with faults(path):
            _take(path, descriptor)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(path: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Empty for the moment between the holder's lock and its number.
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "that is just starting"
        raise Unavailable(
            f"{path} is held by process {holder}: only one at a time may work here. Stop that process first."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
