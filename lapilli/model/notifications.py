"""Which change of a status is told to other services, and under which names. The names are Cinder's."""

from collections.abc import Mapping
from typing import Final

RESET: Final = "reset"
"""The event of a status that was set by hand."""


def _both(name: str) -> tuple[str, str]:
    """What begins and ends in one moment."""
    return f"{name}.start", f"{name}.end"


EVENT_TYPES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("volume", "create"): ("volume.create.start",),
    ("volume", "provisioned"): ("volume.create.end",),
    ("volume", "downloaded"): ("volume.create.end",),
    ("volume", "delete"): ("volume.delete.start",),
    ("volume", "deleted"): ("volume.delete.end",),
    ("volume", "extend"): ("volume.resize.start",),
    ("volume", "extended"): ("volume.resize.end",),
    ("volume", "revert"): ("volume.revert.start",),
    ("volume", "reverted"): ("volume.revert.end",),
    ("volume", "manage"): ("volume.manage_existing.start",),
    ("volume", "managed"): ("volume.manage_existing.end",),
    ("volume", "unmanage"): ("volume.unmanage.start",),
    ("volume", "unmanaged"): ("volume.unmanage.end",),
    ("volume", "retyped"): ("volume.retype",),
    ("volume", "offer"): _both("volume.transfer.create"),
    ("volume", "withdraw"): _both("volume.transfer.delete"),
    ("volume", "accept"): _both("volume.transfer.accept"),
    ("volume", RESET): _both("volume.reset_status"),
    ("attachment", "connect"): ("volume.attach.start",),
    ("attachment", "complete"): ("volume.attach.end",),
    ("attachment", "detach"): ("volume.detach.start",),
    ("attachment", "detached"): ("volume.detach.end",),
    ("snapshot", "create"): ("snapshot.create.start",),
    ("snapshot", "created"): ("snapshot.create.end",),
    ("snapshot", "delete"): ("snapshot.delete.start",),
    ("snapshot", "deleted"): ("snapshot.delete.end",),
    ("snapshot", "restore"): ("snapshot.revert.start",),
    ("snapshot", "restored"): ("snapshot.revert.end",),
    ("snapshot", RESET): _both("snapshot.reset_status"),
    ("backup", "create"): ("backup.create.start",),
    ("backup", "created"): ("backup.create.end",),
    ("backup", "restore"): ("backup.restore.start",),
    ("backup", "restored"): ("backup.restore.end",),
    ("backup", "delete"): ("backup.delete.start",),
    ("backup", "give_up"): ("backup.delete.start",),
    ("backup", "deleted"): ("backup.delete.end",),
    ("backup", RESET): _both("backup.reset_status"),
    ("group", "create"): ("group.create.start",),
    ("group", "created"): ("group.create.end",),
    ("group", "update"): ("group.update.start",),
    ("group", "updated"): ("group.update.end",),
    ("group", "delete"): ("group.delete.start",),
    ("group", "delete_with_volumes"): ("group.delete.start",),
    ("group", "deleted"): ("group.delete.end",),
    ("group", RESET): _both("groups.reset_status"),
    ("group snapshot", "create"): ("group_snapshot.create.start",),
    ("group snapshot", "created"): ("group_snapshot.create.end",),
    ("group snapshot", "delete"): ("group_snapshot.delete.start",),
    ("group snapshot", "deleted"): ("group_snapshot.delete.end",),
    ("group snapshot", RESET): _both("groupsnapshots.reset_status"),
}
"""(kind, event of its state table) → event types. Every kind and event that is here stands in `model/states.py` too."""
