"""Duty: make the targets what the attachments say, after a restart of the target service or of the machine."""

from collections.abc import Sequence

from lapilli.db import attachments
from lapilli.db.rows import AnyRow
from lapilli.model.errors import BackendFailed, LapilliError
from lapilli.operations.desks import VolumeDesk


def run(desk: VolumeDesk) -> int:
    """Export and grant again whatever is to be connected; returns how many attachments that were.

    Raises `BackendFailed` when all have been tried and some could not be.
    """
    with desk.db.read() as tx:
        wanted = attachments.exported_by(tx, desk.service)
    failed = []
    for row in wanted:
        try:
            restore(desk, row)
        except LapilliError as error:  # one lost volume must not keep the others away
            failed.append(str(error))
    if failed:
        raise BackendFailed(f"{len(failed)} of {len(wanted)} attachments cannot be exported again: {failed[0]}")
    return len(wanted)


def restore(desk: VolumeDesk, row: AnyRow) -> None:
    """One attachment's part of its volume's target, unless it was detached meanwhile."""
    with desk.turns.taken(row.volume_id):
        with desk.db.read() as tx:
            still = _is_wanted(attachments.exported_by(tx, desk.service, volume_id=row.volume_id), row.id)
        if still:
            export = desk.export_of(row.volume_id, row.number, row.username, row.password, row.size_gib)
            desk.target.export(export)
            desk.target.grant(export, desk.target.check_connector(row.connector))


def _is_wanted(rows: Sequence[AnyRow], attachment_id: str) -> bool:
    return any(row.id == attachment_id for row in rows)
