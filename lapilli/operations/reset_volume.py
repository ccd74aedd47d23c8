"""An administrator says what a volume's statuses are. What a live operation works on is not theirs to say.

A transient status that is set by hand is remembered as such, and nothing works on the volume.
"""

from sqlalchemy import Connection

from lapilli.db import attachments, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.states import MIGRATING
from lapilli.operations import disconnect_attachment
from lapilli.operations.attach_volume import forget_mode
from lapilli.work.queue import is_held

_ATTACH_STATUSES = {"attached", "detached"}
_MIGRATION_STATUSES = {*MIGRATING, "none", "error", "success"}


def reset(
    tx: Connection,
    volume_id: str,
    *,
    status: str | None = None,
    attach_status: str | None = None,
    migration_status: str | None = None,
) -> None:
    """Write the statuses that are given, at least one.

    Detaching forgets the attachments; one that is exported goes when its host is let in no more.
    """
    if not (status or attach_status or migration_status):
        raise Malformed("Give a status, an attach_status or a migration_status.")
    if is_held(tx, volume_id):
        raise Conflict(f"An operation is working on volume {volume_id}; cancel it, or wait for it.")
    volume = volumes.lock(tx, volume_id, None)
    _check(tx, volume, status, attach_status)
    if migration_status and migration_status not in _MIGRATION_STATUSES:
        raise Malformed(f"migration_status must be one of {', '.join(sorted(_MIGRATION_STATUSES))}.")
    if attach_status == "detached":
        _detach_all(tx, volume)
    changes: dict[str, str | None] = {"attach_status": attach_status} if attach_status else {}
    if migration_status:
        changes["migration_status"] = None if migration_status == "none" else migration_status
    if status:
        volumes.set_status(tx, volume_id, status, **changes)
    else:
        volumes.change(tx, volume_id, **changes)


def _detach_all(tx: Connection, volume: AnyRow) -> None:
    for attachment in attachments.of_volume(tx, volume.id):
        if attachment.connector is None:
            attachments.forget(tx, attachment.id)
        else:
            disconnect_attachment.begin(tx, volume, attachment, None)
    forget_mode(tx, volume)


def _check(tx: Connection, volume: AnyRow, status: str | None, attach_status: str | None) -> None:
    if attach_status and attach_status not in _ATTACH_STATUSES:
        raise Malformed(f"attach_status must be attached or detached, not {attach_status}.")
    if status and volume.host is None and not status.startswith("error"):
        raise Malformed(f"Volume {volume.id} was never placed on any storage, so it cannot be {status}; delete it.")
    if status == "in-use" and not attachments.of_volume(tx, volume.id):
        raise Malformed(f"Volume {volume.id} has no attachment, so it cannot be in-use.")
