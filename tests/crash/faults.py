"""Parts that fail, after they have done the worst: everything that was asked of them."""

from collections.abc import Callable
from pathlib import Path

from lapilli.drivers.directory import DirectoryDriver
from lapilli.model.errors import BackendFailed
from lapilli.model.values import Export, ExportGrant
from lapilli.targets.tgt import TgtTarget


class BreaksAfterwards(DirectoryDriver):
    """Does what is asked, and says that it failed. What it is asked to undo, it undoes."""

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        super().create_volume(name, size_gib, pool)
        raise BackendFailed("broken")

    def extend_volume(self, name: str, size_gib: int) -> None:
        super().extend_volume(name, size_gib)
        raise BackendFailed("broken")

    def create_snapshot(self, name: str, volume: str) -> None:
        super().create_snapshot(name, volume)
        raise BackendFailed("broken")

    def revert_to_snapshot(self, volume: str, snapshot: str) -> None:
        super().revert_to_snapshot(volume, snapshot)
        raise BackendFailed("broken")

    def adopt(self, name: str, existing: str, size_gib: int) -> None:
        super().adopt(name, existing, size_gib)
        raise BackendFailed("broken")


class ClonesBadly(DirectoryDriver):
    """Copies a volume, and says that it failed."""

    def create_volume_from_volume(self, name: str, size_gib: int, source: str, pool: str) -> None:
        super().create_volume_from_volume(name, size_gib, source, pool)
        raise BackendFailed("broken")


class CopiesBadly(DirectoryDriver):
    """Receives a volume, and then loses a byte of it."""

    def receive(self, name: str, source: str, go_on: Callable[[], None]) -> None:
        super().receive(name, source, go_on)
        with Path(self.path(name)).open("r+b") as file:
            file.write(b"?")


class NeverDeletes(BreaksAfterwards):
    """Deletes, and says that it failed."""

    def delete_volume(self, name: str) -> None:
        super().delete_volume(name)
        raise BackendFailed("broken")

    def delete_snapshot(self, name: str, volume: str) -> None:
        super().delete_snapshot(name, volume)
        raise BackendFailed("broken")


class TargetBreaksAfterwards(TgtTarget):
    """Lets initiators in and shuts them out, and says that it failed."""

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        super().grant(export, initiator, multipath=multipath)
        raise BackendFailed("broken")

    def revoke(self, export: Export, initiator: str) -> None:
        super().revoke(export, initiator)
        raise BackendFailed("broken")
