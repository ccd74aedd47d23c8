"""The contracts of the plug-ins. Each method may be called again after a crash, and must then find what it left.

`VolumeName` arguments are the names on disk (`volume-<uuid>`), made from the name templates by the caller, so that a
driver never invents one. Sizes are GiB and whole. A driver raises `BackendFailed` (or `CommandFailed`) for a fault of
its storage and `Malformed` for what can never work; anything else is a bug.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, runtime_checkable

from lapilli.model.values import Connector, Export, ExportGrant


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


class TargetDriver(Protocol):
    """How the bytes of a volume are reached over a network.

    An export is one target per volume. All exports of a volume's attachments share it; who may log in is decided
    initiator by initiator.
    """

    def check(self) -> None:
        """Make sure exports can be made; raise `BackendFailed` saying what is wrong and what to do."""

    def export(self, export: Export) -> None:
        """Make the target exist for the volume, with its credentials. If it does, do nothing."""

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        """Let the initiator log in, and say where. If it may already, only say where.

        `multipath` is what the connector says: such a host wants lists of portals, be they of one.
        """

    def revoke(self, export: Export, initiator: str) -> None:
        """End the initiator's sessions and let it in no more. If it may not already, do nothing."""

    def unexport(self, export: Export) -> None:
        """Make the target not exist, whatever sessions it has. If it does not, do nothing."""

    def resized(self, export: Export) -> None:
        """The volume has grown; let initiators see it. If the target is of that size, do nothing."""

    def exports(self) -> Sequence[str]:
        """The names of the targets that exist and carry this service's prefix."""

    def check_connector(self, connector: Connector) -> str:
        """The initiator's name out of what a host says of itself; `Malformed` if it has none for this protocol."""


@runtime_checkable
class Describes(Protocol):
    """A plug-in that has a vendor, a version and a protocol to show in `get-pools --detail`."""

    def describe(self) -> Mapping[str, Any]:
        """Facts such as `vendor_name`, `driver_version`, `storage_protocol`."""


@runtime_checkable
class HasDaemon(Protocol):
    """A target driver whose targets live in a daemon, and are lost when that starts again."""

    def ensure(self) -> None:
        """Make sure that the daemon runs, starting it if it is ours; `BackendFailed` says what is in the way."""

    def generation(self) -> str:
        """Changes when the daemon has been started again. Cheap enough to ask every few seconds."""

    def stop(self) -> None:
        """End the daemon with all its sessions, if it is ours."""


class Listener(Protocol):
    """One waiter's ear for its topics. It belongs to one thread and is a context manager that closes it."""

    def wait(self, timeout_s: float) -> bool:
        """Wait until a topic rings, or the time is over; true if it rang.

        A ring since the last wait returned (or since `listen`) counts: whoever looks for work and then waits misses
        none. After `close` it returns false at once.
        """

    def close(self) -> None:
        """Listen no more. A wait in progress returns at once."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Wake(Protocol):
    """Says "look now". It carries no work: a lost wake costs a poll interval, never a request."""

    def ring(self, *topics: str) -> None:
        """Wake whoever listens for one of the topics. Never raises or blocks; a bus that is away is noted and left."""

    def listen(self, *topics: str) -> Listener:
        """Hear these topics from now on. Listen before looking for work, then look, then wait."""

    def close(self) -> None:
        """Let go of connections and threads. Those who wait return at once, now and later."""
