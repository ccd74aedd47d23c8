"""Where the checks of storage drivers work: a storage, ways to its bytes, and a way to die at every system call."""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lapilli.model.protocols import StorageDriver
from lapilli.model.values import GIB

MIB = 1024**2
# Where the checks write: both ends, the edge of an extent, and a place with holes around it.
PLACES = (0, 1 * MIB - 512, 300 * MIB, GIB - 4096)

# Calls into these modules change the world, but for the few that only look.
_WORLD = {"posix", "fcntl", "_io", "io", "_posixsubprocess"}
_LOOKS = {"stat", "lstat", "fstat", "lseek", "fspath", "fsencode", "statvfs", "fstatvfs", "scandir", "getpid", "pread"}
_MOST_CALLS = 1000
_KILLED = 99


@dataclass(frozen=True)
class DriverLab:
    """A storage for one check, empty at first.

    `start` makes a driver for it, as a new process would. `stored` names all that lies on the storage, half-made things
    included and the driver's own files not. `pool` is one of the driver's pools. `device` opens a volume or snapshot
    where its bytes are reachable; the default is for drivers whose `path` is a local file or block device.
    """

    start: Callable[[], StorageDriver]
    stored: Callable[[], set[str]]
    pool: str
    device: Callable[[StorageDriver, str], Path] = lambda driver, name: Path(driver.path(name))

    def write(self, name: str, offset: int, data: bytes) -> None:
        with self.device(self.start(), name).open("r+b") as file:
            file.seek(offset)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def read(self, name: str, offset: int, length: int) -> bytes:
        with self.device(self.start(), name).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def size_bytes(self, name: str) -> int:
        with self.device(self.start(), name).open("rb") as file:
            return file.seek(0, os.SEEK_END)

    def make_sources(self) -> None:
        """A `volume-a` of 1 GiB, filled with `a`, and its `snapshot-a`."""
        driver = self.start()
        driver.create_volume("volume-a", 1, self.pool)
        self.fill("volume-a", b"a")
        driver.create_snapshot("snapshot-a", "volume-a")

    def fill(self, name: str, mark: bytes) -> None:
        for place in PLACES:
            self.write(name, place, mark * 512)

    def assert_filled(self, name: str, mark: bytes) -> None:
        for place in PLACES:
            assert self.read(name, place, 512) == mark * 512, f"{name} has other bytes at {place}"
        assert self.read(name, 200 * MIB, 512) == bytes(512), f"{name} is not empty where nothing was written"


Check = Callable[[DriverLab], None]


def each_kill(lab: DriverLab, call: Callable[[StorageDriver], None]) -> Iterator[int]:
    """Run `call` in a process that dies before its first system call, then in one that dies before its second, and so
    on, until one reaches the end. Yields after each, so that what is left can be looked at and put back.
    """
    for number in range(1, _MOST_CALLS):
        status = _run_until(lab, call, number)
        assert status in {0, _KILLED}, f"the call failed by itself (its error is on standard error), at {number}"
        yield number
        if status == 0:
            return
    raise AssertionError(f"not done after {_MOST_CALLS} system calls")


def _run_until(lab: DriverLab, call: Callable[[StorageDriver], None], number: int) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        driver = lab.start()
        sys.setprofile(_death(number))
        call(driver)
        sys.setprofile(None)
    except BaseException:  # noqa: BLE001 - a forked child must not return into pytest
        sys.setprofile(None)
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _death(number: int) -> Callable[[FrameType, str, object], None]:
    """A profiler that ends the process, without a clean-up, when it is about to make its `number`-th system call."""
    left = number

    def profile(_frame: FrameType, event: str, called: object) -> None:
        nonlocal left
        if event != "c_call" or getattr(called, "__module__", None) not in _WORLD:
            return
        if getattr(called, "__name__", "") in _LOOKS:
            return
        left -= 1
        if left == 0:
            os._exit(_KILLED)

    return profile
