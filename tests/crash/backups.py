"""Cases of backups."""

from collections.abc import Iterable

from lapilli.model.errors import BackendFailed
from lapilli.stores.posix import PosixStore
from tests.crash import faults
from tests.crash.backup_asks import back_up, both, delete, import_again, restore, restore_to_new
from tests.crash.cases import Case
from tests.crash.world import Parts


class TakesNothing(PosixStore):
    """A store whose disk is full."""

    def put(self, container: str, name: str, pieces: Iterable[bytes]) -> None:
        raise BackendFailed(f"no room for {name} in {container} ({sum(map(len, pieces))} bytes)")


class LosesObjects(PosixStore):
    """A store that has forgotten its objects."""

    def names(self, container: str, prefix: str) -> list[str]:
        return [name for name in super().names(container, prefix) if not name.endswith("-00002")]


_FULL_DISK = Parts(store=TakesNothing)
_LOST = Parts(store=LosesObjects)
_FIRST_BREAKS = Parts(driver={"first": faults.BreaksAfterwards})

CASES = (
    Case("backup", back_up("new", "spare"), {"backup new": "available, 16 objects"}),
    Case("backup, incremental", back_up("new", "origin", is_incremental=True), {"backup new": "available, 3 objects"}),
    Case("backup, in use", back_up("new", "attached", in_use=True), {"backup new": "available, 16 objects"}),
    Case(
        "backup, in use, backend fails",
        back_up("new", "attached", in_use=True),
        {"backup new": "error, 0 objects"},
        _FIRST_BREAKS,
    ),
    Case("backup, store fails", back_up("new", "spare"), {"backup new": "error, 0 objects"}, _FULL_DISK),
    Case("backup, given up", both(back_up("new", "spare"), delete("new", force=True)), {}),
    Case("backup, delete", delete("full"), {"backup full": None}),
    Case("backup, restore", restore("full", "origin"), {"volume origin": "available, 1 GiB of a on first"}),
    Case(
        "backup, restore to a new volume",
        restore_to_new("full"),
        {"volume new": "available, 1 GiB of a on first"},
    ),
    Case("backup, restore, an object is missing", restore("full", "spare"), {}, _LOST),
    Case(
        "backup, restore to a new volume, an object is missing",
        restore_to_new("full"),
        {"volume new": "error, 1 GiB of nothing on nowhere"},
        _LOST,
    ),
    Case("backup, import", import_again("full"), {"backup full": "available, 16 objects"}),
)
