"""What a new volume is copied from, and the size that follows from it."""

from typing import NamedTuple

from sqlalchemy import Connection

from lapilli.db import snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed
from lapilli.operations.admission import check_at_rest, require_status


class Source(NamedTuple):
    """The volume that the bytes come from (a snapshot's origin), their GiB, and the id of their type; or nothing."""

    volume: AnyRow | None = None
    size_gib: int | None = None
    type_id: str | None = None


def lock_source(tx: Connection, snapshot_id: str | None, volume_id: str | None, scope: str | None) -> Source:
    """The source, which stays until the copy is made."""
    if snapshot_id and volume_id:
        raise Malformed("Give one source: a snapshot or a volume.")
    if snapshot_id:
        snapshot = snapshots.lock(tx, snapshot_id, scope)
        require_status("Snapshot", snapshot, {"available"})
        # Its size is that of its time; the origin may have grown since.
        return Source(volumes.get(tx, snapshot.volume_id, None), snapshot.size_gib, snapshot.volume_type_id)
    if volume_id:
        source = volumes.lock(tx, volume_id, scope)
        require_status("Volume", source, {"available", "in-use"})
        check_at_rest(tx, source)
        return Source(source, source.size_gib, source.volume_type_id)
    return Source()


def size_with(asked_gib: int | None, source_gib: int | None) -> int:
    """The size that was asked for, or else the source's. Raises `Malformed` for one that is too small."""
    size_gib = source_gib if asked_gib is None else asked_gib
    if size_gib is None:
        raise Malformed("A volume without a source needs a size.")
    if size_gib < 1:
        raise Malformed(f"A volume has at least 1 GiB; {size_gib} GiB were asked for.")
    if source_gib is not None and size_gib < source_gib:
        raise Malformed(f"A size of {size_gib} GiB is less than the {source_gib} GiB of the source.")
    return size_gib
