"""An administrator says what a backup's status is. What a live operation works on is not theirs to say."""

from sqlalchemy import Connection

from lapilli.db import backups
from lapilli.model.errors import Conflict
from lapilli.work.queue import is_held


def reset(tx: Connection, backup_id: str, status: str) -> None:
    """Write the status, which is `available` or `error`."""
    backups.lock(tx, backup_id, None)
    if is_held(tx, backup_id):
        raise Conflict(f"An operation is working on backup {backup_id}; wait for it, or delete the backup with force.")
    backups.set_status(tx, backup_id, status)
