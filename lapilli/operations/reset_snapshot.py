"""Somebody outside says what a snapshot's status is: an administrator, or the hypervisor that makes the snapshot.

What a live operation works on is not theirs to say. A transient status that is set by hand is remembered as such.
"""

from typing import Any

from sqlalchemy import Connection

from lapilli.db import snapshots
from lapilli.model.errors import Conflict
from lapilli.work.queue import is_held

_REPORTED = {
    ("creating", "available"): "created",
    ("creating", "error"): "create_failed",
    ("deleting", "error_deleting"): "delete_failed",
}
"""(status before, status that is reported) → event."""


def reset(tx: Connection, snapshot_id: str, status: str) -> None:
    """Write the status, as an administrator may."""
    _check_free(tx, snapshot_id)
    snapshots.set_status(tx, snapshot_id, status)


def report(tx: Connection, snapshot_id: str, status: str, progress: str | None) -> None:
    """Write the status and the progress, such as `80%`, of a snapshot that a hypervisor makes or deletes."""
    _check_free(tx, snapshot_id)
    before = snapshots.lock(tx, snapshot_id, None).status
    values: dict[str, Any] = {} if progress is None else {"progress": progress}
    if before == status and before in {"creating", "deleting"}:
        snapshots.change(tx, snapshot_id, **values)
        return
    event = _REPORTED.get((before, status))
    if event is None:
        raise Conflict(f"Snapshot {snapshot_id} is {before}; it cannot be reported as {status}.")
    snapshots.move(tx, snapshot_id, event, **values)


def _check_free(tx: Connection, snapshot_id: str) -> None:
    if is_held(tx, snapshot_id):
        raise Conflict(f"An operation is working on snapshot {snapshot_id}; wait for it.")
