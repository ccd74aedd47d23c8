"""What Lapilli is given in place of a backup store, and of devices and copies with bytes: hardly any are moved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from lapilli.drivers.directory import DirectoryDriver
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.images import Image

Objects = dict[tuple[str, str], bytes]


class Driver(DirectoryDriver):
    """Snapshots of a group are of one moment: nobody writes to its volumes."""

    def create_group_snapshot(self, snapshots: Mapping[str, str]) -> None:
        for snapshot, volume in snapshots.items():
            self.create_snapshot(snapshot, volume)


class NoCopies:
    """`Conversions` that move no bytes: every image of a volume is empty."""

    def fill(self, name: str, target: str, image: Image, chunks: Iterator[bytes]) -> None:
        """Nothing to fill with."""

    def made(
        self, name: str, source: str, disk_format: str, container_format: str
    ) -> AbstractContextManager[Iterator[bytes]]:
        del name, source, disk_format, container_format
        return nullcontext(iter(()))

    def clean(self, name: str) -> None:
        """Nothing is left."""


class MemoryStore:
    """A `BackupStore` whose state can be kept, with the names that the peer's has."""

    kind = "cinder.tests.unit.backup.fake_service.FakeBackupService"
    object_bytes = block_bytes = 2**15

    def __init__(self) -> None:
        self.objects: Objects = {}

    def check(self) -> None:
        """There is nothing that could be wrong."""

    def address(self, backup_id: str, volume_id: str, container: str | None, created_at: str) -> tuple[str, str]:
        del volume_id, created_at
        return container or "volumes", backup_id

    def put(self, container: str, name: str, pieces: Iterable[bytes]) -> None:
        if not name or name.startswith("."):
            raise Malformed(f"{name!r} names no object.")
        self.objects[container, name] = b"".join(pieces)

    def get(self, container: str, name: str) -> Iterator[bytes]:
        try:
            yield self.objects[container, name]
        except KeyError:
            raise BackendFailed(f"Object {name} is missing in container {container}.") from None

    def names(self, container: str, prefix: str) -> Sequence[str]:
        return sorted(name for place, name in self.objects if place == container and name.startswith(prefix))

    def delete(self, container: str, name: str) -> None:
        self.objects.pop((container, name), None)

    def delete_all(self, container: str, prefix: str) -> None:
        for name in self.names(container, prefix):
            self.delete(container, name)


class NoBytes:
    """A `Device` of no size: what a volume holds is not compared."""

    size_bytes = 0

    def read(self, offset: int, length: int) -> bytes:
        del offset
        return bytes(length)

    def write(self, offset: int, data: bytes) -> None:
        """Nowhere."""

    def clear(self, offset: int, length: int) -> None:
        """Nothing to clear."""

    def flush(self) -> None:
        """Nothing to keep."""


def opened(path: str, *, is_written: bool = False) -> nullcontext[NoBytes]:
    """The bytes of any volume."""
    del path, is_written
    return nullcontext(NoBytes())
