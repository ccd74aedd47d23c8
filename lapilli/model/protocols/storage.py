"""The contracts of storage drivers: where the bytes of volumes live.

Each method may be called again after a crash, and must then find what it left. Names are those on disk
(`volume-<uuid>`), made from the name templates by the caller, so that a driver never invents one. Sizes are GiB and
whole. A driver raises `BackendFailed` (or `CommandFailed`) for a fault of its storage and `Malformed` for what can
never work; anything else is a bug.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class PoolReport:
    """What a pool says about itself, each time it is asked.

    `account` names the space that the pool draws on: two pools with the same account share it, and it is counted
    once. It must be the same after a restart, and differ between machines unless the space is really shared.
    `total_gib` and `free_gib` are GiB; `capabilities` are further facts for extra specs and expressions.
    """

    name: str
    account: str
    total_gib: float
    free_gib: float
    thin: bool
    thick: bool = False
    capabilities: Mapping[str, Any] = field(default_factory=dict)


class StorageDriver(Protocol):
    """Where the bytes of a volume live."""

    def check(self) -> None:
        """Make sure the storage can be used; raise `BackendFailed` saying what is wrong and what to do."""

    def report(self) -> Sequence[PoolReport]:
        """The pools as they are now. Must not take longer than a few seconds."""

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        """Make an empty volume exist. If it exists with this size, do nothing."""

    def create_volume_from_snapshot(self, name: str, size_gib: int, snapshot: str, volume: str, pool: str) -> None:
        """Make a volume with the snapshot's bytes, grown to `size_gib`. `volume` is the snapshot's origin.

        If it exists complete, do nothing; a half-made one is made again.
        """

    def create_volume_from_volume(self, name: str, size_gib: int, source: str, pool: str) -> None:
        """Make a volume with the present bytes of `source`, grown to `size_gib`. Half-made ones are made again."""

    def delete_volume(self, name: str) -> None:
        """Make the volume not exist. If it does not, do nothing."""

    def extend_volume(self, name: str, size_gib: int) -> None:
        """Grow the volume to `size_gib`. If it is that large or larger, do nothing."""

    def create_snapshot(self, name: str, volume: str) -> None:
        """Keep the present bytes of `volume` under `name`. If the snapshot exists, do nothing."""

    def delete_snapshot(self, name: str, volume: str) -> None:
        """Make the snapshot not exist. If it does not, do nothing."""

    def path(self, name: str) -> str:
        """The local file or block device that holds the volume's bytes."""


@runtime_checkable
class RevertsSnapshots(Protocol):
    """A storage driver that can put a volume back to what it was when a snapshot was made."""

    def revert_to_snapshot(self, volume: str, snapshot: str) -> None:
        """Give the unused volume the snapshot's bytes; the snapshot stays.

        If it fails or is killed, the volume may have bytes of both until a second call finishes it.
        """


@dataclass(frozen=True)
class Existing:
    """Something that a storage has, managed or not.

    `origin` is the name of what it is a snapshot of. `is_snapshot` is None where the storage makes no difference.
    """

    name: str
    size_bytes: int
    is_snapshot: bool | None = None
    origin: str | None = None


@runtime_checkable
class ManagesExisting(Protocol):
    """A storage driver that takes over what others have put on its storage, and hands back what it has.

    A `reference` is what an administrator says of it, such as `{"source-name": "old-disk"}`; `Malformed` if it is none,
    and `NotFound` if there is nothing of that kind.
    """

    def existing(self) -> Sequence[Existing]:
        """All there is, in no order. Must not take longer than a few seconds."""

    def existing_name(self, reference: Mapping[str, str]) -> str:
        """The name on the storage that the reference means, whether or not it is there."""

    def adopt(self, name: str, existing: str, size_gib: int) -> None:
        """Call the existing thing `name`, and grow it to `size_gib`. If it is called so already, only grow it."""

    def release(self, name: str, existing: str) -> None:
        """Undo `adopt`: give the thing its old name back. If it has that already, do nothing."""


@runtime_checkable
class ReceivesBytes(Protocol):
    """A storage driver whose volumes can be given the bytes of a local file or block device.

    `go_on` is called between pieces, and raises what ends the work. The source is not written meanwhile.
    """

    def check_source(self, name: str, source: str) -> None:
        """Raise `Malformed` if `source` cannot be read on this machine, or is what has the volume's name here."""

    def receive(self, name: str, source: str, go_on: Callable[[], None]) -> None:
        """Give the volume the bytes at the path `source`, on disk. What is equal already is not written again."""

    def differs_from(self, name: str, source: str, go_on: Callable[[], None]) -> int | None:
        """The first offset at which the volume and the source have other bytes, read from disk; None if nowhere."""


@runtime_checkable
class WipesLater(Protocol):
    """A storage driver that needs long to give back the space of what is deleted, and can do so afterwards.

    `delete_volume` and `delete_snapshot` do both at once for those who do not know this protocol.
    """

    def set_aside(self, name: str) -> str | None:
        """Take a volume or snapshot from its name at once; return the name under which its space is still to be wiped.

        None if nothing is left to wipe. Called again: the same answer.
        """

    def wipe(self, name: str, go_on: Callable[[int, int], None]) -> None:
        """Wipe and give back space that was set aside. If it is gone, do nothing.

        `go_on` is called between pieces with the bytes that are wiped and those that are to be, and raises what ends
        the work.
        """


@runtime_checkable
class SnapshotsGroups(Protocol):
    """A storage driver that can keep several volumes as they were at one moment, even while they are written to."""

    def create_group_snapshot(self, snapshots: Mapping[str, str]) -> None:
        """Keep the bytes that the volumes have at one moment: by the name of each snapshot, its volume.

        If all the snapshots exist, do nothing; where only some do, all are made again.
        """


@runtime_checkable
class Describes(Protocol):
    """A plug-in that has a vendor, a version and a protocol to show in `get-pools --detail`."""

    def describe(self) -> Mapping[str, Any]:
        """Facts such as `vendor_name`, `driver_version`, `storage_protocol`."""
