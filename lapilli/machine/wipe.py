"""Overwrites a block device with zeros, piece by piece, without getting in the way of others more than needed."""

import fcntl
import os
import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lapilli.machine.device import punch
from lapilli.machine.files import faults
from lapilli.machine.run import run
from lapilli.model.errors import Malformed

# Small enough for a cancellation to be heard soon on a slow disk.
_PIECE_BYTES: Final = 64 * 1024**2
_BLKZEROOUT: Final = 0x127F  # <linux/fs.h>; Python has no name for it
_IONICE: Final = re.compile(r"-c ?[0-3](?: -n ?[0-7])?")


def check_ionice(words: str) -> None:
    """Raise `Malformed` unless it is empty or what `ionice` takes, such as `-c3` or `-c2 -n7`."""
    if words and not _IONICE.fullmatch(words):
        raise Malformed(f"volume_clear_ionice is {words!r}: write such as -c3 or -c2 -n7.")


def wipe(path: Path, size_bytes: int, go_on: Callable[[int, int], None], ionice: str = "") -> None:
    """Make the first `size_bytes` of the device read as zeros; 0 means all of it.

    `go_on` is called between pieces with the bytes that are wiped and those that are to be, and raises what ends the
    work. Where the storage forgets blocks by itself (and says that they read as zeros then) nothing is written.
    Elsewhere the kernel writes zeros, half of the time only: the other half is for others. `ionice` is what the program
    of that name is told of this thread.
    """
    with _polite(ionice), _opened(path) as descriptor:
        with faults(path):
            end = os.lseek(descriptor, 0, os.SEEK_END)
        end = min(end, size_bytes) if size_bytes else end
        forgets = True
        for offset in range(0, end, _PIECE_BYTES):
            go_on(offset, end)
            length = min(_PIECE_BYTES, end - offset)
            with faults(path):
                forgets = forgets and punch(descriptor, offset, length)
                if not forgets:
                    _write_zeros(descriptor, offset, length)
        with faults(path):
            os.fsync(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    with faults(path):
        descriptor = os.open(path, os.O_WRONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_zeros(descriptor: int, offset: int, length: int) -> None:
    begun = time.monotonic()
    fcntl.ioctl(descriptor, _BLKZEROOUT, struct.pack("QQ", offset, length))
    time.sleep(time.monotonic() - begun)


@contextmanager
def _polite(ionice: str) -> Iterator[None]:
    """Within the block, this thread reads and writes with the priority that `ionice` is told."""
    if not ionice:
        yield
        return
    check_ionice(ionice)
    thread = ("-p", str(threading.get_native_id()))
    run(["ionice", *ionice.split(), *thread], brief=True)
    try:
        yield
    finally:
        run(["ionice", "-c0", *thread], brief=True)
