"""The wish for an operation on a volume, as most admissions write it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from lapilli.db.rows import AnyRow
from lapilli.model.values import Caller, Location
from lapilli.operations.desks import volume_queue
from lapilli.work.operation import Operation
from lapilli.work.queue import submit


def submit_for(
    tx: Connection,
    operation: Operation,
    volume: AnyRow,
    caller: Caller,
    queue: str | None = None,
    *,
    held: Sequence[str] = (),
    args: Mapping[str, Any] | None = None,
) -> str:
    """`submit` what is done to the volume: for its project, in the caller's request, and by its backend if not told."""
    return submit(
        tx,
        operation,
        volume.id,
        queue or volume_queue(Location.parse(volume.host).service),
        project_id=volume.project_id,
        request_id=caller.request_id,
        held=held,
        args=args,
    )
