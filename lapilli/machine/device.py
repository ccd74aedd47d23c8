"""A local file or block device as a volume's bytes."""

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lapilli.machine.files import faults
from lapilli.model.errors import BackendFailed

# <linux/falloc.h>; Python has no name for them.
_KEEP_SIZE: Final = 1
_PUNCH_HOLE: Final = 2
# The file system, or the kernel beneath it, has no holes.
_CANNOT_PUNCH: Final = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENODEV}

_ZEROS: Final = bytes(1024**2)

_libc: Final = ctypes.CDLL(None, use_errno=True)
_libc.fallocate64.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


class LocalDevice:
    """A `Device` behind a descriptor. Every call that takes long releases the interpreter."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        self.size_bytes = os.lseek(descriptor, 0, os.SEEK_END)

    def read(self, offset: int, length: int) -> bytes:
        with faults(self._path):
            if length <= len(_ZEROS) and self._is_hole(offset, length):
                return _ZEROS[:length]  # to read a hole would fill the page cache with it
            data = os.pread(self._descriptor, length, offset)
            while len(data) < length:
                more = os.pread(self._descriptor, length - len(data), offset + len(data))
                if not more:
                    raise BackendFailed(f"{self._path} became shorter while it was read.")
                data += more
        return data

    def write(self, offset: int, data: bytes) -> None:
        rest = memoryview(data)
        with faults(self._path):
            while rest:
                written = os.pwrite(self._descriptor, rest, offset)
                rest, offset = rest[written:], offset + written

    def clear(self, offset: int, length: int) -> None:
        with faults(self._path):
            if self._is_hole(offset, length) or punch(self._descriptor, offset, length):
                return
        for start in range(0, length, len(_ZEROS)):
            self.write(offset + start, _ZEROS[: length - start])

    def flush(self) -> None:
        with faults(self._path):
            os.fsync(self._descriptor)

    def _is_hole(self, offset: int, length: int) -> bool:
        try:
            return os.lseek(self._descriptor, offset, os.SEEK_DATA) >= offset + length
        except OSError as error:
            if error.errno == errno.ENXIO:  # only a hole follows
                return True
            if error.errno == errno.EINVAL:  # a block device knows no holes
                return False
            raise


def punch(descriptor: int, offset: int, length: int) -> bool:
    """Make a part of a file or block device read as zeros and take no space; False where that is not possible."""
    if _libc.fallocate64(descriptor, _PUNCH_HOLE | _KEEP_SIZE, offset, length) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT_PUNCH:
        return False
    raise OSError(number, os.strerror(number))


@contextmanager
def opened(path: str, *, is_written: bool = False) -> Iterator[LocalDevice]:
    """The file or block device at `path`; `BackendFailed` if this machine does not reach it."""
    where = Path(path)
    with faults(where):
        descriptor = os.open(where, os.O_RDWR if is_written else os.O_RDONLY)
    try:
        yield LocalDevice(descriptor, where)
    finally:
        os.close(descriptor)
