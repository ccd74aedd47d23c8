"""What the volumes of a new group are copies of: those of another group, or the snapshots of a group snapshot."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from lapilli.db import group_snapshots, groups, types, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict
from lapilli.model.values import Caller
from lapilli.operations.admission import check_at_rest, require_status, scope_of


class Original(NamedTuple):
    """What one volume of the new group is a copy of: a volume, or a snapshot of it."""

    volume: AnyRow
    snapshot: AnyRow | None
    kind: AnyRow

    @property
    def id(self) -> str:
        """The id of what is read."""
        return str(self.volume.id if self.snapshot is None else self.snapshot.id)

    @property
    def size_gib(self) -> int:
        """The GiB that are read; the volume may have grown since its snapshot."""
        return int(self.volume.size_gib if self.snapshot is None else self.snapshot.size_gib)


def lock_of_snapshot(tx: Connection, caller: Caller, id: str) -> tuple[AnyRow, Sequence[Original]]:
    """The group that the snapshot is of, and what the new volumes are to be made from."""
    snapshot = group_snapshots.lock(tx, id, scope_of(caller))
    require_status("Group snapshot", snapshot, {"available"})
    originals = []
    for row in group_snapshots.lock_snapshots(tx, id):
        require_status("Snapshot", row, {"available"})
        originals.append(Original(volumes.get(tx, row.volume_id, None), row, types.get(tx, row.volume_type_id, None)))
    if not originals:
        raise Conflict(f"Group snapshot {id} is empty; there is nothing to make a group of.")
    return groups.get(tx, snapshot.group_id, None), originals


def lock_of_group(tx: Connection, caller: Caller, id: str) -> tuple[AnyRow, Sequence[Original]]:
    """The group, and what the new volumes are to be made from."""
    group = groups.lock(tx, id, scope_of(caller))
    require_status("Group", group, {"available"})
    originals = []
    for row in groups.lock_volumes(tx, id):
        require_status("Volume", row, {"available", "in-use"})
        check_at_rest(tx, row)
        originals.append(Original(row, None, types.get(tx, row.volume_type_id, None)))
    if not originals:
        raise Conflict(f"Group {id} is empty; there is nothing to make a group of.")
    return group, originals
