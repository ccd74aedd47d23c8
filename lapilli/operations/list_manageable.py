"""Ask a backend what it has on its storage that could be managed."""

import uuid
from typing import Any

from sqlalchemy import Connection

from lapilli.db.rows import AnyRow
from lapilli.model.protocols.storage import Existing, ManagesExisting
from lapilli.model.values import Caller
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.existing import driver_of, managed, whole_gib
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import submit


def admit(tx: Connection, caller: Caller, service: str, *, snapshots: bool) -> str:
    """Returns the operation, whose result is the list: of volumes, or of snapshots."""
    return submit(
        tx,
        OPERATION,
        f"list {uuid.uuid4()}",
        volume_queue(service),
        request_id=caller.request_id,
        args={"snapshots": snapshots},
    )


def look(job: Job, desk: VolumeDesk) -> list[dict[str, Any]]:
    """All there is of the kind. What the storage does not tell apart can be either, unless it is managed."""
    wants_snapshots = job.args["snapshots"]
    everything = driver_of(desk).existing()
    with desk.db.read() as tx:
        known = managed(tx, desk)
    shown = []
    for existing in everything:
        row = known.get(existing.name)
        is_snapshot = existing.is_snapshot if row is None else hasattr(row, "volume_id")
        if is_snapshot in {None, wants_snapshots}:
            entry = _entry(existing, row)
            if wants_snapshots:
                origin = desk.names.volume(row.volume_id) if row is not None else existing.origin
                entry["source_reference"] = origin and {"source-name": origin}
            shown.append(entry)
    return shown


def _entry(existing: Existing, row: AnyRow | None) -> dict[str, Any]:
    return {
        "reference": {"source-name": existing.name},
        "size": whole_gib(existing),
        "safe_to_manage": row is None,
        "reason_not_safe": None if row is None else "already managed",
        "cinder_id": None if row is None else row.id,
        "extra_info": None,
    }


def record_look(_tx: Connection, _job: Job, shown: list[dict[str, Any]]) -> Done:
    return Done(result=shown)


def undo(_job: Job, desk: VolumeDesk) -> str:
    """Nothing was done. The outcome is `refused` where it cannot be done at all."""
    return "failed" if isinstance(desk.driver, ManagesExisting) else "refused"


def record_failure(_tx: Connection, _job: Job, outcome: str) -> Done:
    return Done(outcome=outcome)


OPERATION = Operation(
    kind="backend.list",
    steps=(Step("look", look, record_look),),
    fail=Step("fail", undo, record_failure),
    is_awaited=True,
)
