"""An administrator says what the status of a group or of a group snapshot is.

What a live operation works on is not theirs to say. A transient status that is set by hand is remembered as such.
"""

from sqlalchemy import Connection

from lapilli.db import group_snapshots, groups
from lapilli.model.errors import Conflict
from lapilli.work.queue import is_held


def reset(tx: Connection, group_id: str, status: str) -> None:
    """Write the status of a group."""
    _check_free(tx, "group", group_id)
    groups.set_status(tx, group_id, status)


def reset_snapshot(tx: Connection, group_snapshot_id: str, status: str) -> None:
    """Write the status of a group snapshot."""
    _check_free(tx, "group snapshot", group_snapshot_id)
    group_snapshots.set_status(tx, group_snapshot_id, status)


def _check_free(tx: Connection, kind: str, id: str) -> None:
    if is_held(tx, id):
        raise Conflict(f"An operation is working on {kind} {id}; wait for it.")
