"""Write an image over a volume: admit, write. What the volume held before is lost with the first byte."""

from dataclasses import asdict

from sqlalchemy import Connection

from lapilli.db import volumes
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.images import Image
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller
from lapilli.operations import tell_servers
from lapilli.operations.admission import Rules, check_not_frozen, require_status, scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.image_checks import check_usable, metadata_of, of_image
from lapilli.operations.image_copies import PATIENCE, clean, try_image
from lapilli.operations.wishes import submit_for
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import is_source


def admit(tx: Connection, caller: Caller, rules: Rules, volume_id: str, image: Image, *, reserved: bool) -> None:
    """What happens before 202. `reserved` says that a server which is to be rebuilt has the volume reserved."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    require_status("Volume", volume, {"available", "error", *(["reserved"] if reserved else [])})
    if volume.host is None:
        raise Conflict(f"Volume {volume_id} has no storage; delete it and create another.")
    if volume.encryption_key_id:
        raise Malformed(f"Volume {volume_id} is encrypted, and this service cannot encrypt an image for it.")
    if is_source(tx, volume_id):
        raise Conflict(f"Volume {volume_id} is being copied; try again when the copy is made.")
    check_not_frozen(tx, volume.host)
    check_usable(image, volume.size_gib, rules)
    volumes.move(tx, volume_id, "reimage", previous_status=volume.status)
    submit_for(
        tx, OPERATION, volume, caller, args={"image": asdict(image), "image_metadata": metadata_of(image, rules)}
    )


def record_write(tx: Connection, job: Job, why_not: str | None) -> Goto | Done:
    if why_not:
        return Goto("fail", error=why_not, args={"is_unacceptable": True})
    status = volumes.lock(tx, job.subject, None).previous_status
    volumes.move(tx, job.subject, "reimaged", to=status, previous_status=None, **of_image(job))
    if status == "reserved":  # or not any more
        volumes.follow_attachments(tx, job.subject)
    tell_servers.begin(tx, job, "volume-reimaged", Action.REIMAGE_VOLUME)
    return Done()


def undo(job: Job, desk: VolumeDesk) -> None:
    """What the volume held does not come back."""
    clean(job, desk)


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    volumes.move(tx, job.subject, "reimage_failed", previous_status=None)
    unfit = job.args.get("is_unacceptable")
    why = Detail.IMAGE_FORMAT_UNACCEPTABLE if unfit else Detail.REIMAGE_VOLUME_FAILED
    complain(tx, job, Action.REIMAGE_VOLUME, why)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.reimage",
    steps=(Step("write", try_image, record_write, patience=PATIENCE),),
    fail=Step("fail", undo, record_failure),
)
