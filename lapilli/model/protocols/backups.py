"""The contracts of backups: the bytes that are read and written, and where backups go."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol


class Device(Protocol):
    """The bytes of a volume or snapshot, open on this machine. Offsets and lengths are bytes."""

    @property
    def size_bytes(self) -> int:
        """How many bytes there are."""

    def read(self, offset: int, length: int) -> bytes:
        """Exactly these bytes."""

    def write(self, offset: int, data: bytes) -> None:
        """Put the bytes there."""

    def clear(self, offset: int, length: int) -> None:
        """Make the range read as zeros, and give its space back where the storage can."""

    def flush(self) -> None:
        """Put on disk what was written."""


class BackupStore(Protocol):
    """Where backups go: containers of named objects, each complete or not there at all.

    A store raises `Malformed` for a name that can be no object's, and `BackendFailed` for its own faults.
    """

    kind: str
    """What records of backups call this kind of store: the class path that Cinder has for it."""
    object_bytes: int
    """The most that a data object holds, before compression: a multiple of `block_bytes`."""
    block_bytes: int
    """The size of the blocks that incremental backups tell apart."""

    def check(self) -> None:
        """Make sure that the store can be used; raise `BackendFailed` saying what is wrong and what to do."""

    def address(self, backup_id: str, volume_id: str, container: str | None, created_at: str) -> tuple[str, str]:
        """The container of a new backup and the prefix of its objects' names; always the same for the same backup.

        `container` is the one that was asked for, `created_at` UTC as the wire spells it.
        """

    def put(self, container: str, name: str, pieces: Iterable[bytes]) -> None:
        """Make the object hold these bytes, on disk. What the iteration raises passes through, and no object is left.

        An object of this name that is there is replaced.
        """

    def get(self, container: str, name: str) -> Iterator[bytes]:
        """The object's bytes, in pieces; `BackendFailed` naming the object if there is none."""

    def names(self, container: str, prefix: str) -> Sequence[str]:
        """The names of the objects that begin with the prefix, sorted; none if there is no such container."""

    def delete(self, container: str, name: str) -> None:
        """Make the object not exist. If it does not, do nothing."""

    def delete_all(self, container: str, prefix: str) -> None:
        """Make all objects that begin with the prefix not exist, also what a crash left of them half-made."""
