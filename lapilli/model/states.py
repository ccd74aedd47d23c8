"""Rule 1: everything that decides about a status lives in this file.

One table per resource: event → the statuses it may start from → the status it leads to. The `move` of each module in
`db/` looks the event up here and is the only writer of that status; `docs/states.md` is drawn from these tables.

There are three kinds of status. A *settled* one waits for the next wish. A *transient* one is being worked on: by
invariant 1 a live operation holds the resource. A *handshake* one waits for the client's next call (Nova reserves a
volume and attaches it a minute later), so no operation holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

GONE: Final = "gone"
"""Where an event leads that deletes the row. It is never written."""


@dataclass(frozen=True)
class Move:
    """One row of a table: the statuses an event may start from, and the one (or those) it leads to."""

    frm: frozenset[str]
    to: frozenset[str]


@dataclass(frozen=True)
class States:
    """The state table of one kind of resource."""

    kind: str
    moves: Mapping[str, Move]
    transient: frozenset[str]
    """Statuses in which a live operation holds the resource (invariant 1)."""
    settable: frozenset[str] = frozenset()
    """Statuses that an administrator may set by hand. A transient one of these is not held then."""


def _move(frm: str, to: str) -> Move:
    return Move(frozenset(frm.split()), frozenset(to.split()))


MIGRATING: Final = frozenset({"starting", "migrating", "completing"})
"""Migration statuses in which a live operation moves a volume. Its status changes only by events of the move itself."""
MIGRATION_EVENTS: Final = frozenset({"lock", "unlock", "retype", "retyped", "retype_failed"})

VOLUME: Final = States(
    kind="volume",
    moves={
        "create": _move("", "creating"),
        "provisioned": _move("creating", "available"),
        "download": _move("creating", "downloading"),
        "downloaded": _move("downloading", "available"),
        "create_failed": _move("creating downloading", "error"),
        "delete": _move("available error error_deleting error_restoring error_extending error_managing", "deleting"),
        "deleted": _move("deleting", GONE),
        "delete_failed": _move("deleting", "error_deleting"),
        "extend": _move("available in-use", "extending"),
        "extended": _move("extending", "available in-use"),
        "extend_refused": _move("extending", "available in-use"),
        "extend_failed": _move("extending", "error_extending"),
        "upload": _move("available in-use", "uploading"),
        "uploaded": _move("uploading", "available in-use"),
        "reimage": _move("available error reserved", "downloading"),
        "reimaged": _move("downloading", "available error reserved"),
        "reimage_failed": _move("downloading", "error"),
        "reserve": _move("available in-use", "attaching"),
        "unreserve": _move("attaching", "available in-use"),
        "begin_detaching": _move("in-use", "detaching"),
        "force_detach": _move("error", "detaching"),
        "roll_detaching": _move("detaching", "in-use"),
        "offer": _move("available", "awaiting-transfer"),
        "accept": _move("awaiting-transfer", "available"),
        "withdraw": _move("awaiting-transfer", "available"),
        "revert": _move("available", "reverting"),
        "reverted": _move("reverting", "available"),
        "revert_refused": _move("reverting", "available"),
        "revert_failed": _move("reverting", "error"),
        "manage": _move("", "managing"),
        "managed": _move("managing", "available"),
        "manage_failed": _move("managing", "error_managing"),
        "unmanage": _move(
            "available error error_restoring error_extending error_managing error_unmanaging", "unmanaging"
        ),
        "unmanaged": _move("unmanaging", GONE),
        "unmanage_failed": _move("unmanaging", "error_unmanaging"),
        "retype": _move("available in-use", "retyping"),
        "retyped": _move("retyping", "available in-use"),
        "retype_failed": _move("retyping", "available in-use"),
        "lock": _move("available", "maintenance"),
        "unlock": _move("maintenance", "available"),
        "back_up": _move("available in-use", "backing-up"),
        "backed_up": _move("backing-up", "available in-use"),
        "restore": _move("available", "restoring-backup"),
        "restored": _move("restoring-backup", "available"),
        "restore_refused": _move("restoring-backup", "available"),
        "restore_failed": _move("restoring-backup", "error_restoring"),
        # The attachments API derives the volume's status from what its attachments are.
        "attachments_changed": _move(
            "available reserved attaching in-use detaching",
            "available reserved attaching in-use detaching",
        ),
    },
    transient=frozenset(
        "creating deleting extending downloading uploading retyping managing unmanaging reverting"
        " restoring-backup backing-up".split()
    ),
    settable=frozenset(
        "creating available error error_deleting error_managing managing attaching in-use detaching"
        " maintenance restoring-backup error_restoring reserved awaiting-transfer backing-up error_backing-up"
        " error_extending downloading uploading retyping extending".split()
    ),
)

SNAPSHOT: Final = States(
    kind="snapshot",
    moves={
        "create": _move("", "creating"),
        "created": _move("creating", "available"),
        "create_failed": _move("creating", "error"),
        "delete": _move("available error error_deleting", "deleting"),
        "deleted": _move("deleting", GONE),
        "delete_failed": _move("deleting", "error_deleting"),
        "restore": _move("available", "restoring"),
        "restored": _move("restoring", "available"),
        "restore_failed": _move("restoring", "available"),
        "back_up": _move("available", "backing-up"),
        "backed_up": _move("backing-up", "available"),
        "unmanaged": _move("available error error_deleting", GONE),
    },
    transient=frozenset({"creating", "deleting", "unmanaging", "restoring", "backing-up"}),
    settable=frozenset(
        "error available creating deleting deleted updating error_deleting unmanaging backing-up restoring".split()
    ),
)

ATTACHMENT: Final = States(
    kind="attachment",
    moves={
        "reserve": _move("", "reserved"),
        # An attached one is without a connector: its server had no host when it was given the volume, and has one now.
        "connect": _move("reserved attaching attached error_attaching", "attaching"),
        "connect_failed": _move("attaching", "error_attaching"),
        "complete": _move("attaching reserved attached", "attached"),
        "detach": _move("reserved attaching attached detaching error_attaching error_detaching", "detaching"),
        "detached": _move("detaching", GONE),
        "detach_failed": _move("detaching", "error_detaching"),
    },
    transient=frozenset({"detaching"}),
)

GROUP: Final = States(
    kind="group",
    moves={
        "create": _move("", "creating"),
        "created": _move("creating", "available"),
        "create_failed": _move("creating", "error"),
        "update": _move("available", "updating"),
        "updated": _move("updating", "available"),
        "update_failed": _move("updating", "available"),
        "delete": _move("available error error_deleting", "deleting"),
        # With its volumes a group goes in whatever status somebody has set by hand.
        "delete_with_volumes": _move("creating available error updating deleting error_deleting deleted", "deleting"),
        "deleted": _move("deleting", GONE),
        "delete_failed": _move("deleting", "error_deleting"),
    },
    transient=frozenset({"creating", "updating", "deleting"}),
    settable=frozenset("error available creating deleting deleted updating error_deleting".split()),
)

GROUP_SNAPSHOT: Final = States(
    kind="group snapshot",
    moves={
        "create": _move("", "creating"),
        "created": _move("creating", "available"),
        "create_failed": _move("creating", "error"),
        "delete": _move("available error error_deleting", "deleting"),
        "deleted": _move("deleting", GONE),
        "delete_failed": _move("deleting", "error_deleting"),
    },
    transient=frozenset({"creating", "deleting"}),
    settable=frozenset("error available creating deleting deleted updating error_deleting".split()),
)

BACKUP: Final = States(
    kind="backup",
    moves={
        "create": _move("", "creating"),
        "created": _move("creating", "available"),
        "create_failed": _move("creating", "error"),
        "restore": _move("available", "restoring"),
        "restored": _move("restoring", "available"),
        "delete": _move("available error error_deleting", "deleting"),
        "give_up": _move("creating", "deleting"),
        "deleted": _move("deleting", GONE),
        "delete_failed": _move("deleting", "error_deleting"),
    },
    transient=frozenset({"creating", "restoring", "deleting"}),
    settable=frozenset({"available", "error"}),
)

TABLES: Final = (VOLUME, SNAPSHOT, ATTACHMENT, GROUP, GROUP_SNAPSHOT, BACKUP)


def volume_status_after(attach_statuses: list[str]) -> tuple[str, str]:
    """What a volume's (status, attach_status) are, given those of its attachments.

    What could not be connected does not count. What could not be detached counts as attached: its host may still have
    the volume, which must not look free. Of all these the alphabetically first wins, which is Cinder's rule and happens
    to be the order attached, attaching, detaching, reserved.
    """
    counted = (status for status in attach_statuses if status != "error_attaching")
    live = sorted("attached" if status == "error_detaching" else status for status in counted)
    if not live:
        return "available", "detached"
    first = live[0]
    return ("in-use" if first == "attached" else first), first
