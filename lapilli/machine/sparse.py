"""Sparse files: copied extent by extent, so that holes are neither read nor written.

Every call here that takes long releases the interpreter, so that heartbeats go on beside a copy.
"""

import errno
import os
from collections.abc import Iterator

from lapilli.model.errors import BackendFailed

_MIB = 1024**2
# Small enough for memory where the kernel cannot copy by itself, and for a kill to be heard soon.
_CHUNK_BYTES = 8 * _MIB
# The two files are on different file systems, or the kernel or a sandbox does not know the call.
_NO_COPY_IN_KERNEL = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}


def copy(source: int, target: int) -> None:
    """Give the empty file `target` the bytes, holes and size of `source`; both are descriptors.

    While `source` is being written, the copy is not its content at any one moment. Raises `BackendFailed` before the
    first byte if the space does not suffice, and `OSError` for other faults.
    """
    _check_space(source, target)
    for start, end in data_extents(source):
        _copy_extent(source, target, start, end)
    os.ftruncate(target, os.fstat(source).st_size)


def data_extents(descriptor: int) -> Iterator[tuple[int, int]]:
    """The parts of a file that hold data, as (start, end) in bytes. What lies between them reads as zeros."""
    end = 0
    while True:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # only a hole, if anything, follows
                return
            raise
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, end


def _check_space(source: int, target: int) -> None:
    needed = sum(end - start for start, end in data_extents(source))
    space = os.fstatvfs(target)
    free = space.f_bavail * space.f_frsize
    if needed > free:
        raise BackendFailed(
            f"A copy needs {needed / _MIB:.0f} MiB and its file system has {free / _MIB:.0f} MiB free. "
            "Free some space, or make the file system larger."
        )


def _copy_extent(source: int, target: int, start: int, end: int) -> None:
    while start < end:
        copied = _copy_chunk(source, target, start, min(end - start, _CHUNK_BYTES))
        if copied == 0:
            raise BackendFailed("The source of a copy became shorter while it was read.")
        start += copied


def _copy_chunk(source: int, target: int, offset: int, length: int) -> int:
    try:
        return os.copy_file_range(source, target, length, offset, offset)
    except OSError as error:
        if error.errno not in _NO_COPY_IN_KERNEL:
            raise
    return os.pwrite(target, os.pread(source, length, offset), offset)
