"""The contracts of target drivers: how the bytes of volumes are reached over a network.

Each method may be called again after a crash, and must then find what it left. The errors are those of storage drivers.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from lapilli.model.values import Connector, Export, ExportGrant


class TargetDriver(Protocol):
    """How the bytes of a volume are reached over a network.

    An export is one target per volume. All exports of a volume's attachments share it; who may log in is decided
    initiator by initiator.
    """

    storage_protocol: str
    """What pools tell of it: `iSCSI`, `NVMe-oF`."""

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
class ShowsSessions(Protocol):
    """A target driver that can say who uses a target."""

    def sessions(self, name: str) -> Sequence[str] | None:
        """The initiators that are logged in to the target of a name that `exports` has told; none if it has gone.

        None where this machine does not say it: then anybody may be.
        """


@runtime_checkable
class HasDaemon(Protocol):
    """A target driver whose targets live in a daemon, and are lost when that starts again."""

    def ensure(self) -> None:
        """Make sure that the daemon runs, starting it if it is ours; `BackendFailed` says what is in the way."""

    def generation(self) -> str:
        """Changes when the daemon has been started again. Cheap enough to ask every few seconds."""

    def stop(self) -> None:
        """End the daemon with all its sessions, if it is ours."""
