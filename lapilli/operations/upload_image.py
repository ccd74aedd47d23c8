"""Make an image of a volume: admit, upload.

The image is there before the wish is: the image service makes it in the caller's name, under an id that this service
has chosen. The bytes follow under this service's own name, for a caller's token may end before they are all there.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.db import volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, LapilliError, Malformed, Unavailable
from lapilli.model.images import NewImage
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller
from lapilli.operations.admission import Rules, require_status, scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.image_checks import properties_of
from lapilli.operations.image_copies import PATIENCE, clean, upload_bytes
from lapilli.operations.wishes import submit_for
from lapilli.work.operation import Done, Job, Operation, Step

_WITHOUT_BYTES: Final = {"queued", "saving"}


def check(volume: AnyRow, rules: Rules, image: NewImage, *, force: bool) -> None:
    """Raise `Conflict` or `Malformed` unless the volume can become this image."""
    require_status("Volume", volume, {"available", "in-use"} if force and rules.uploads_in_use else {"available"})
    if image.container_format == "compressed" and not rules.compresses_images:
        raise Malformed("Images are not compressed here: see allow_compression_on_image_upload.")
    if volume.encryption_key_id and (image.disk_format, image.container_format) != ("raw", "bare"):
        raise Malformed("An image of an encrypted volume has the disk_format raw and the container_format bare.")


def properties(volume: AnyRow, rules: Rules) -> dict[str, str]:
    """What the image gets from its volume's image metadata."""
    key: Mapping[str, str] = {"cinder_encryption_key_id": volume.encryption_key_id} if volume.encryption_key_id else {}
    return {**properties_of(volume.image_metadata, rules), **key}


def admit(tx: Connection, caller: Caller, rules: Rules, volume_id: str, image: NewImage, *, force: bool) -> None:
    """What happens before 202, once the image service has the image."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    check(volume, rules, image, force=force)
    volumes.move(tx, volume_id, "upload", previous_status=volume.status)
    submit_for(
        tx,
        OPERATION,
        volume,
        caller,
        args={"image": image.id, "disk_format": image.disk_format, "container_format": image.container_format},
    )


def upload(job: Job, desk: VolumeDesk) -> None:
    """The image has the volume's bytes. One that is active has them from an attempt before."""
    args: dict[str, Any] = job.args
    image = desk.image_service().show(args["image"])
    if image.status == "active":
        clean(job, desk)
        return
    if image.status not in _WITHOUT_BYTES:
        raise Malformed(f"Image {image.id} is {image.status}, and takes no bytes.")
    try:
        upload_bytes(job, desk, image.id, args["disk_format"], args["container_format"])
    except Conflict as error:
        # The image service still waits for the rest of an attempt before.
        raise Unavailable(str(error)) from error


def record_upload(tx: Connection, job: Job, _result: None) -> Done:
    _give_back(tx, job)
    return Done(result={"image_id": job.args["image"]})


def _give_back(tx: Connection, job: Job) -> None:
    status = volumes.lock(tx, job.subject, None).previous_status
    volumes.move(tx, job.subject, "uploaded", to=status, previous_status=None)
    if status == "in-use":  # or not any more
        volumes.follow_attachments(tx, job.subject)


def undo(job: Job, desk: VolumeDesk) -> None:
    """An image without bytes is deleted. One that has some is not: somebody may use it."""
    clean(job, desk)
    try:
        images = desk.image_service()
        if images.show(job.args["image"]).status in _WITHOUT_BYTES:
            images.set_properties(job.args["image"], {"protected": False})
            images.delete(job.args["image"])
    except Unavailable:
        if job.failures < PATIENCE:  # the volume does not wait for an empty image for ever
            raise
    except LapilliError:
        return  # the image is gone, or not ours to delete


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    _give_back(tx, job)
    complain(tx, job, Action.COPY_VOLUME_TO_IMAGE, Detail.FAILED_TO_UPLOAD_VOLUME)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.upload",
    steps=(Step("upload", upload, record_upload, patience=PATIENCE),),
    fail=Step("fail", undo, record_failure),
)
