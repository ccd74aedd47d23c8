"""Detach: the host's initiator is let in no more, and the attachment is gone."""

from sqlalchemy import Connection

from lapilli.db import attachments, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import scope_of
from lapilli.operations.attach_volume import follow_the_end, forget_mode
from lapilli.operations.complaints import complain
from lapilli.operations.connect_attachment import disconnect_initiator
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import submit


def admit(tx: Connection, caller: Caller, attachment_id: str, *, is_forced: bool = False) -> str | None:
    """What happens before the answer. Returns the operation that ends the export, or None when there was none.

    With `is_forced` a volume in error can be used again once nobody has it.
    """
    attachment = attachments.get(tx, attachment_id, scope_of(caller))
    volume = volumes.lock(tx, attachment.volume_id, None)
    if is_forced and volume.status == "error":
        volumes.move(tx, volume.id, "force_detach")
    return begin(tx, volume, attachment, caller.request_id)


def begin(tx: Connection, volume: AnyRow, attachment: AnyRow, request_id: str | None) -> str | None:
    """`admit` for those who have locked the volume and know the attachment."""
    if volume.status == "deleting":
        raise Conflict(f"Volume {volume.id} is being deleted, and its attachments with it.")
    attachments.move(tx, attachment.id, "detach")
    if attachment.connector is None or volume.host is None:
        _forget(tx, volume, attachment.id)
        return None
    return submit(
        tx,
        OPERATION,
        attachment.id,
        volume_queue(Location.parse(volume.host).service),
        source=volume.id,
        project_id=attachment.project_id,
        request_id=request_id,
        args={"volume_id": volume.id, "connector": attachment.connector},
    )


def disconnect(job: Job, desk: VolumeDesk) -> None:
    """The target shows no session of this attachment's initiator."""
    disconnect_initiator(desk, job.args["volume_id"], job.subject, job.args["connector"])


def record_disconnection(tx: Connection, job: Job, _result: None) -> Done:
    volume = volumes.lock(tx, job.args["volume_id"], None)
    # Not asked of the initiators: another that is being detached as well has yet to find the export, and end it.
    if not attachments.has_other_connected(tx, volume.id, job.subject):
        attachments.delete_export(tx, volume.id)
    _forget(tx, volume, job.subject)
    return Done()


def _forget(tx: Connection, volume: AnyRow, attachment_id: str) -> None:
    attachments.end(tx, attachment_id, volume.id)
    if not attachments.of_volume(tx, volume.id):
        forget_mode(tx, volume)
    follow_the_end(tx, volume.id)


def undo(_job: Job, _desk: VolumeDesk) -> None:
    """The initiator stays let in: taking the volume from under a host that still writes is for people to decide."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    volumes.lock(tx, job.args["volume_id"], None)
    attachments.move(tx, job.subject, "detach_failed")
    follow_the_end(tx, job.args["volume_id"])
    complain(tx, job, Action.ATTACH_VOLUME, Detail.DETACH_ERROR, id=job.args["volume_id"])
    return Done(outcome="failed")


OPERATION = Operation(
    kind="attachment.disconnect",
    steps=(Step("disconnect", disconnect, record_disconnection),),
    fail=Step("fail", undo, record_failure),
    is_awaited=True,
)
