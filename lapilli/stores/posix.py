"""The `posix` store: objects are files under one directory, named and laid out as Cinder's posix driver does it."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lapilli.machine import files
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.options import option

_PIECE_BYTES: Final = 1024**2
# Cinder's modes: whoever takes the backups over may run as another user of the same group.
_DIRECTORY_MODE: Final = 0o770
_FILE_MODE: Final = 0o660


@dataclass(frozen=True)
class PosixSettings:
    backup_posix_path: str = option(
        "$state_path/backup", help="Where the files of the backups lie. Made if missing; it should be on other disks."
    )
    backup_container: str | None = option(
        None, help="Directory below it for backups that name none. Without it, each backup has its own."
    )
    backup_file_size: int = option(
        1999994880,
        low=1,
        help="Bytes of the largest object before compression: a multiple of backup_sha_block_size_bytes.",
    )
    backup_sha_block_size_bytes: int = option(
        32768,
        low=1,
        help="Bytes of the blocks that incremental backups tell apart. After a change the next backup must be full.",
    )


class PosixStore:
    """A `BackupStore` whose containers are directories."""

    Settings = PosixSettings
    kind = "cinder.backup.drivers.posix.PosixBackupDriver"

    def __init__(self, settings: PosixSettings) -> None:
        self._root = Path(settings.backup_posix_path).absolute()
        self._container = settings.backup_container
        self.object_bytes = settings.backup_file_size
        self.block_bytes = settings.backup_sha_block_size_bytes

    def check(self) -> None:
        if self.object_bytes % self.block_bytes:
            raise BackendFailed(
                f"backup_file_size is {self.object_bytes} and must be a multiple of backup_sha_block_size_bytes, "
                f"which is {self.block_bytes}."
            )
        with files.faults(self._root):
            self._root.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise BackendFailed(f"{self._root}: this process's user must have the right to read and write there.")

    def address(self, backup_id: str, volume_id: str, container: str | None, created_at: str) -> tuple[str, str]:
        own = f"{backup_id[0:2]}/{backup_id[2:4]}/{backup_id}"
        stamp = "".join(letter for letter in created_at[:19] if letter.isdigit())
        return container or self._container or own, f"volume_{volume_id}_{stamp}_backup_{backup_id}"

    def put(self, container: str, name: str, pieces: Iterable[bytes]) -> None:
        path = self._path(container, name)
        with files.faults(path):
            self._make_directory(path.parent)
        files.remove(path)
        files.make(path, lambda target: _fill(target, pieces))

    def get(self, container: str, name: str) -> Iterator[bytes]:
        path = self._path(container, name)
        with files.faults(path):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                raise BackendFailed(f"Object {name} is missing in container {container} ({path}).") from None
            with file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece

    def names(self, container: str, prefix: str) -> Sequence[str]:
        directory = self._path(container, prefix).parent
        with files.faults(directory), suppress(FileNotFoundError):
            return sorted(entry.name for entry in directory.iterdir() if entry.name.startswith(prefix))
        return []

    def delete(self, container: str, name: str) -> None:
        path = self._path(container, name)
        with files.faults(path):
            if path.parent.exists():
                files.remove(path)
        self._leave(path)

    def delete_all(self, container: str, prefix: str) -> None:
        path = self._path(container, prefix)
        with files.faults(path), suppress(FileNotFoundError):
            for name in {files.name_of(entry.name) for entry in path.parent.iterdir()}:
                if name.startswith(prefix):
                    files.remove(path.with_name(name))
        self._leave(path)

    def _leave(self, path: Path) -> None:
        """The directories of a backup go with its last object; those that hold anything else stay."""
        with suppress(OSError):
            for parent in path.parents[: -len(self._root.parents) - 1]:
                parent.rmdir()

    def _path(self, container: str, name: str) -> Path:
        parts = [*container.split("/"), name]
        if "/" in name or any(not part or part.startswith(".") or "\0" in part for part in parts):
            raise Malformed(f"{container}/{name} cannot name an object: its parts are file names with no leading dot.")
        return self._root.joinpath(*parts)

    def _make_directory(self, directory: Path) -> None:
        """Also on disk: a file in a directory that a crash took away is no object."""
        missing = [each for each in (directory, *directory.parents) if each.is_relative_to(self._root)]
        for each in reversed(missing):
            if not each.exists():
                each.mkdir(mode=_DIRECTORY_MODE, exist_ok=True)
                files.sync_directory(each)


def _fill(target: int, pieces: Iterable[bytes]) -> None:
    os.fchmod(target, _FILE_MODE)
    with open(target, "wb", closefd=False) as file:
        file.writelines(pieces)
