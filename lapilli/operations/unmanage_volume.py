"""Forget a volume, and leave its bytes on their storage under the name that they have."""

from sqlalchemy import Connection

from lapilli.db import attachments, pools, volumes
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller
from lapilli.operations.admission import scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.delete_volume import check_unused
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.wishes import submit_for
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import is_held


def admit(tx: Connection, caller: Caller, volume_id: str) -> None:
    """What happens before 202. A frozen backend is no hindrance: nothing of it changes."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    if volume.encryption_key_id is not None:
        raise Malformed(f"Volume {volume_id} is encrypted: without its key, nobody could read what would be left.")
    if volume.group_id is not None:
        raise Conflict(f"Volume {volume_id} is part of group {volume.group_id}; take it out first.")
    check_unused(tx, volume)
    if volumes.has_snapshots(tx, volume_id):
        raise Conflict(f"Volume {volume_id} has snapshots; delete or unmanage them first.")
    volumes.move(tx, volume_id, "unmanage")
    if volume.host is None:  # never placed: there is nothing to leave
        if is_held(tx, volume_id):
            raise Conflict(f"Volume {volume_id} is being placed; cancel that, or wait for it.")
        volumes.move(tx, volume_id, "unmanaged")
        return
    submit_for(tx, OPERATION, volume, caller)


def unexport(job: Job, desk: VolumeDesk) -> str:
    """What a broken attachment left of its export is gone. Returns the name that the bytes keep."""
    with desk.db.read() as tx:
        volume = volumes.get(tx, job.subject, None)
        export = attachments.find_export(tx, job.subject)
    if export is not None:
        row = (export.number, export.username, export.password)
        desk.target.unexport(desk.export_of(job.subject, *row, volume.size_gib))
    return desk.names.volume(job.subject)


def record_end(tx: Connection, job: Job, name: str) -> Done:
    volume = volumes.get(tx, job.subject, None)
    for attachment in attachments.of_volume(tx, job.subject):
        attachments.forget(tx, attachment.id)
    attachments.delete_export(tx, job.subject)
    volumes.move(tx, job.subject, "unmanaged")
    pools.give_back(tx, volume.host, volume.size_gib, volumes=1)
    return Done(result={"source-name": name})


def undo(_job: Job, _desk: VolumeDesk) -> None:
    """Asking again goes on where this has stopped."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    volumes.move(tx, job.subject, "unmanage_failed")
    complain(tx, job, Action.UNMANAGE_VOLUME, Detail.UNKNOWN_ERROR)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.unmanage",
    steps=(Step("unexport", unexport, record_end, patience=5),),
    fail=Step("fail", undo, record_failure),
)
