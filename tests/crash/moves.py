"""Cases of what goes to another place, another type, another owner: reverted, taken over, let go, migrated, retyped."""

from tests.crash import asks, faults
from tests.crash.cases import Case
from tests.crash.world import Parts

_MOVED = "available, 1 GiB of m on second"


_FIRST_BREAKS = Parts(driver={"first": faults.BreaksAfterwards})
_COPIES_BADLY = Parts(driver={"second": faults.CopiesBadly})
_NEVER_DELETES = Parts(driver={"first": faults.NeverDeletes})

CASES = (
    Case("revert", asks.revert("origin", "kept"), {"volume origin": "available, 1 GiB of a on first"}),
    Case(
        "revert, backend fails",
        asks.revert("origin", "kept"),
        {"volume origin": "error, 1 GiB of a on first"},
        _FIRST_BREAKS,
    ),
    Case("manage", asks.manage("new"), {"file disk": None, "volume new": "available, 2 GiB of d on first"}),
    Case(
        "manage, backend fails",
        asks.manage("new"),
        {"volume new": "error_managing, 0 GiB of nothing on nowhere"},
        _FIRST_BREAKS,
    ),
    Case(
        "manage a snapshot that is too large",
        asks.take_over_snapshot("new", "origin", "disk"),
        {"snapshot new": "error, 1 GiB of nothing"},
    ),
    Case(
        "manage a snapshot",
        asks.take_over_snapshot("new", "origin", "older"),
        {"file older": None, "snapshot new": "available, 1 GiB of o"},
    ),
    Case("look for what can be managed", asks.look, {}),
    Case(
        "unmanage",
        asks.unmanage("movable"),
        {"volume movable": None, "file that was let go": "m on node@first"},
    ),
    Case("migrate", asks.migrate("movable"), {"volume movable": _MOVED}),
    Case("migrate, locked", asks.migrate("movable", lock=True), {"volume movable": _MOVED}),
    Case("migrate, the copy is bad", asks.migrate("movable"), {}, _COPIES_BADLY),
    Case("migrate, the source stays", asks.migrate("movable"), {"volume movable": _MOVED}, _NEVER_DELETES),
    Case("retype", asks.retype("origin"), {}),
    Case("retype, and move", asks.retype("movable", pool_name="second"), {"volume movable": _MOVED}),
    Case("retype, and stay for want of space", asks.retype("movable", pool_name="third"), {}),
)
