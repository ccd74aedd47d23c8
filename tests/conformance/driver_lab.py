"""Where the checks of storage drivers work: a storage, and ways to its bytes."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lapilli.model.protocols.storage import StorageDriver
from lapilli.model.values import GIB
from tests.conformance import kills

MIB = 1024**2


@dataclass(frozen=True)
class DriverLab:
    """A storage for one check, empty at first.

    `start` makes a driver for it, as a new process would. `stored` names all that lies on the storage, half-made things
    included and the driver's own files not. `pool` is one of the driver's pools. `device` opens a volume or snapshot
    where its bytes are reachable; the default is for drivers whose `path` is a local file or block device. `deadly`
    says before which of its calls the driver's process can die. `gib_bytes` is what the driver takes for a GiB: where
    bytes are copied again and again, fewer of them are as good.
    """

    start: Callable[[], StorageDriver]
    stored: Callable[[], set[str]]
    pool: str
    device: Callable[[StorageDriver, str], Path] = lambda driver, name: Path(driver.path(name))
    deadly: kills.Deadly = kills.is_system_call
    gib_bytes: int = GIB

    @property
    def places(self) -> tuple[int, ...]:
        """Where the checks write: both ends, the edge of an extent, and a place with holes around it."""
        return 0, MIB - 512, self.gib_bytes // 1024 * 300, self.gib_bytes - 4096

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
        for place in self.places:
            self.write(name, place, mark * 512)

    def assert_filled(self, name: str, mark: bytes) -> None:
        for place in self.places:
            assert self.read(name, place, 512) == mark * 512, f"{name} has other bytes at {place}"
        hole = self.gib_bytes // 1024 * 200
        assert self.read(name, hole, 512) == bytes(512), f"{name} is not empty where nothing was written"


Check = Callable[[DriverLab], None]


def each_kill(lab: DriverLab, call: Callable[[StorageDriver], None]) -> Iterator[int]:
    """`kills.each_kill` of a call to a driver that has just been started."""
    return kills.each_kill(lab.start, call, lab.deadly)
