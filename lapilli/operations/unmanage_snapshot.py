"""Forget a snapshot, and leave its bytes on their storage under the name that they have."""

from sqlalchemy import Connection

from lapilli.db import pools, snapshots, volumes
from lapilli.model.errors import Conflict
from lapilli.model.values import Caller
from lapilli.operations.admission import scope_of
from lapilli.work.queue import is_source


def unmanage(tx: Connection, caller: Caller, snapshot_id: str) -> None:
    """All that there is to do, as nothing changes on the storage. A frozen backend is no hindrance."""
    snapshot = snapshots.lock(tx, snapshot_id, scope_of(caller))
    if snapshot.group_snapshot_id is not None:
        raise Conflict(f"Snapshot {snapshot_id} is part of group snapshot {snapshot.group_snapshot_id}.")
    if is_source(tx, snapshot_id):
        raise Conflict(f"Snapshot {snapshot_id} is being copied; try again when the copy is made.")
    volume = volumes.get(tx, snapshot.volume_id, None)
    snapshots.move(tx, snapshot_id, "unmanaged")
    if volume.host is not None:
        pools.give_back(tx, volume.host, snapshot.allocated_gib, volumes=0)
