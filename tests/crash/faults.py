"""Parts that fail, after they have done the worst: everything that was asked of them."""

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
