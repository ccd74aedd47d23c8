"""A small volume and a small store: objects of 256 KiB, blocks of 4 KiB."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lapilli.backup import restore, write
from lapilli.backup.manifest import About
from lapilli.backup.names import Address
from lapilli.machine import device
from lapilli.stores.posix import PosixSettings, PosixStore

KIB = 1024
VOLUME_BYTES = 1000 * KIB  # the last window and the last block are not whole
VOLUME = "22222222-0000-4000-8000-000000000002"


def never(_done_bytes: int) -> None:
    """Nobody asks the work to end."""


@dataclass(frozen=True)
class Lab:
    """A volume at `path`, and backups of it in a store below `folder`."""

    folder: Path

    def __post_init__(self) -> None:
        self.write(0, b"")
        os.truncate(self.path, VOLUME_BYTES)

    @property
    def path(self) -> Path:
        return self.folder / "volume"

    def store(self, **settings: int) -> PosixStore:
        sizes = {"backup_file_size": 256 * KIB, "backup_sha_block_size_bytes": 4 * KIB, **settings}
        return PosixStore(PosixSettings(backup_posix_path=str(self.folder / "backup"), **sizes))

    def write(self, offset: int, data: bytes) -> None:
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.seek(offset)
            file.write(data)

    def address(self, number: int) -> Address:
        return Address(*self.store().address(_id(number), VOLUME, None, "2026-11-20T10:42:13.455874"))

    def back_up(
        self,
        number: int,
        parent: int | None = None,
        *,
        label: str = "zlib",
        store: PosixStore | None = None,
        watch: Callable[[int], None] = never,
    ) -> int:
        """Make the backup of that number; the number of its objects."""
        about = About(_id(number), VOLUME, "name", None, "2026-11-20T10:42:13.455874")
        with device.opened(str(self.path)) as opened:
            writing = write.Writing(opened, store or self.store(), self.address(number), label, watch)
            return write.write(writing, about, None if parent is None else self.address(parent))

    def restored(self, *chain: int, old: bytes = b"") -> Path:
        """A volume with the bytes of a chain of backups; `old` is what it had before."""
        path = self.folder / "restored"
        path.write_bytes(old)
        os.truncate(path, VOLUME_BYTES)
        store = self.store()
        with ExitStack() as stack:
            opened = stack.enter_context(device.opened(str(path), is_written=True))
            manifests = restore.read_chain(store, [self.address(number) for number in chain])
            restore.restore(opened, store, manifests, never)
        return path

    def object(self, number: int, name: str) -> Path:
        """The file of an object, such as `-00001`."""
        address = self.address(number)
        return self.folder / "backup" / address.container / f"{address.prefix}{name}"


def _id(number: int) -> str:
    return f"{number:08}-0000-4000-8000-000000000000"
