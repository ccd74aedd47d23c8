"""The `directory` driver: each volume and each snapshot is a sparse file in one directory.

Clones and snapshots are reflinks where the file system has them (xfs, btrfs): made in an instant, of one moment, even
while the source is in use. Elsewhere (ext4) they are plain copies of the data: exact if nobody writes to the source
meanwhile; if somebody does, early blocks are older than late ones, which no crash of a disk would leave behind. The
report's capability `copies_snapshots` says which it is, so that the caller can refuse to snapshot a volume in use.
"""

import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from lapilli.drivers.local_copies import LocalCopies
from lapilli.drivers.over_subscription import check_ratio
from lapilli.drivers.references import name_in
from lapilli.machine import files, reflink, sparse
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.options import option
from lapilli.model.protocols.storage import Existing, PoolReport
from lapilli.model.values import GIB

_ACCOUNT_FILE = ".lapilli-pool"
_LONGEST_NAME_BYTES = 240  # 255 less what a half-made file's name adds


@dataclass(frozen=True)
class DirectorySettings:
    directory_path: str = option(
        "$state_path/volumes",
        help="Where the files of the volumes lie. Made if missing; its parent's file system should be mounted.",
    )
    directory_size_gib: int = option(
        0,
        low=0,
        help="GiB that volumes and snapshots may fill. 0: all that the file system has left for them. "
        "Set it when two directories share a file system.",
    )
    reserved_percentage: int = option(0, low=0, high=100, help="Per cent of the pool that stays free.")
    max_over_subscription_ratio: str = option(
        "1.0",
        help="How many times the pool's size may be promised: a number from 1, or `auto`. "
        "At 1.0 every volume can be filled, if snapshots and others leave the room; "
        "a full file system gives the guests I/O errors.",
    )


class DirectoryDriver(LocalCopies):
    """A `StorageDriver` whose one pool, named after the backend, is a directory."""

    Settings = DirectorySettings

    def __init__(self, settings: DirectorySettings, backend_name: str) -> None:
        self._settings = settings
        self._pool = backend_name
        # Targets open the files from another working directory.
        self._directory = Path(settings.directory_path).absolute()
        self._account_path = self._directory / _ACCOUNT_FILE

    def check(self) -> None:
        check_ratio(self._settings.max_over_subscription_ratio)
        with files.faults(self._directory):
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Without data: a full file system is still good for deleting.
            _nameless_file(self._directory).close()
        files.make(self._account_path, lambda target: _write(target, str(uuid.uuid4())))

    def report(self) -> Sequence[PoolReport]:
        """One pool. Its total is what the volumes use and can still get: other data on the file system is not in it.

        Blocks shared by reflinks count once for each file, up to the size of the file system.
        """
        with files.faults(self._directory):
            account = self._account_path.read_text("ascii")
            space = os.statvfs(self._directory)
            used = _used_bytes(self._directory)
        free = space.f_bavail * space.f_frsize
        total = min(used + free, space.f_blocks * space.f_frsize)
        if self._settings.directory_size_gib:
            total = min(total, self._settings.directory_size_gib * GIB)
            free = max(0, min(free, total - used))
        capabilities = {
            "copies_snapshots": not self._has_reflinks,
            # A reflink takes no space at first, but every block that its volume overwrites stays because of it.
            "snapshots_take_space": True,
            "reserved_percentage": self._settings.reserved_percentage,
            "max_over_subscription_ratio": self._settings.max_over_subscription_ratio,
        }
        return [PoolReport(self._pool, account, total / GIB, free / GIB, thin=True, capabilities=capabilities)]

    def describe(self) -> Mapping[str, Any]:
        return {"vendor_name": "Open Source", "driver_version": "1.0"}

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        self._make_volume(name, size_gib, pool, lambda target: os.ftruncate(target, size_gib * GIB))

    def create_volume_from_snapshot(self, name: str, size_gib: int, snapshot: str, volume: str, pool: str) -> None:
        del volume  # a snapshot is a file of its own
        self.create_volume_from_volume(name, size_gib, snapshot, pool)

    def create_volume_from_volume(self, name: str, size_gib: int, source: str, pool: str) -> None:
        """See the top of this module for what the bytes are if `source` is being written."""
        origin = self._file(source)

        def fill(target: int) -> None:
            if origin.stat().st_size > size_gib * GIB:
                raise Malformed(f"{source} is larger than {size_gib} GiB, the size asked for {name}.")
            _duplicate(origin, target)
            os.ftruncate(target, size_gib * GIB)

        self._make_volume(name, size_gib, pool, fill)

    def delete_volume(self, name: str) -> None:
        files.remove(self._file(name))

    def extend_volume(self, name: str, size_gib: int) -> None:
        files.grow(self._file(name), size_gib * GIB)

    def create_snapshot(self, name: str, volume: str) -> None:
        """See the top of this module for what the bytes are if `volume` is being written."""
        origin = self._file(volume)
        files.make(self._file(name), lambda target: _duplicate(origin, target))

    def delete_snapshot(self, name: str, volume: str) -> None:
        del volume  # a snapshot is a file of its own
        files.remove(self._file(name))

    def revert_to_snapshot(self, volume: str, snapshot: str) -> None:
        origin, path = self._file(snapshot), self._file(volume)
        files.replace(path, lambda target: _duplicate(origin, target))

    def existing(self) -> Sequence[Existing]:
        """All files but the half-made ones. They do not tell whether they are volumes or snapshots."""
        with files.faults(self._directory), os.scandir(self._directory) as entries:
            return list(_existing(entries))

    def existing_name(self, reference: Mapping[str, str]) -> str:
        return self._file(name_in(reference)).name

    def adopt(self, name: str, existing: str, size_gib: int) -> None:
        files.rename(self._file(existing), self._file(name))
        files.grow(self._file(name), size_gib * GIB)

    def release(self, name: str, existing: str) -> None:
        if self._file(name).exists():
            files.rename(self._file(name), self._file(existing))

    def path(self, name: str) -> str:
        return str(self._file(name))

    def _file(self, name: str) -> Path:
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise Malformed(f"{name!r} cannot name a volume: it has to be a file name with no '/' and no leading dot.")
        if len(os.fsencode(name)) > _LONGEST_NAME_BYTES:
            raise Malformed(f"{name!r} cannot name a volume: it is longer than {_LONGEST_NAME_BYTES} bytes.")
        return self._directory / name

    @cached_property
    def _has_reflinks(self) -> bool:
        with (
            files.faults(self._directory),
            _nameless_file(self._directory) as source,
            _nameless_file(self._directory) as target,
        ):
            return reflink.clone(source.fileno(), target.fileno())

    def _make_volume(self, name: str, size_gib: int, pool: str, fill: files.Fill) -> None:
        if pool != self._pool:
            raise Malformed(f"This backend has one pool, {self._pool}, and not {pool}.")
        path = self._file(name)
        files.make(path, fill)
        with files.faults(path):
            size_bytes = path.stat().st_size
        if size_bytes != size_gib * GIB:
            raise BackendFailed(
                f"{path} exists already and has {size_bytes / GIB:g} GiB, not {size_gib}. "
                "Find out what it is before moving it away."
            )


def _duplicate(source_path: Path, target: int) -> None:
    source = os.open(source_path, os.O_RDONLY)
    try:
        if not reflink.clone(source, target):
            sparse.copy(source, target)
    finally:
        os.close(source)


def _nameless_file(directory: Path) -> IO[bytes]:
    """An empty file that is gone when it is closed. The prefix is for the file systems where it has a name at first."""
    return tempfile.TemporaryFile(prefix=".lapilli-", dir=directory)


def _existing(entries: Iterable[os.DirEntry[str]]) -> Iterator[Existing]:
    for entry in entries:
        if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
            with suppress(FileNotFoundError):  # deleted meanwhile
                yield Existing(entry.name, entry.stat().st_size)


def _used_bytes(directory: Path) -> int:
    used = 0
    with os.scandir(directory) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # deleted meanwhile
                used += entry.stat(follow_symlinks=False).st_blocks * 512
    return used


def _write(descriptor: int, text: str) -> None:
    with open(descriptor, "w", encoding="ascii", closefd=False) as file:
        file.write(text)
