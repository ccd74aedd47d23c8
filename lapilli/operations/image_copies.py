"""Copies between images and volumes that can be watched, given up and checked while they go on."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from lapilli.model.errors import Malformed, Unavailable
from lapilli.model.images import Image
from lapilli.operations.desks import VolumeDesk
from lapilli.work.operation import Job

PATIENCE: Final = 6
"""How often a copy is begun again, for a minute in all, when the image service is away or sends wrong bytes."""


def try_image(job: Job, desk: VolumeDesk) -> str | None:
    """Give the volume, the job's subject, the bytes of the image in the job's `image`.

    Returns why not, for an image that is not what it says, or is not safe to read.
    """
    try:
        _write_image(job, desk)
    except Malformed as error:
        return str(error)
    return None


def _write_image(job: Job, desk: VolumeDesk) -> None:
    image = Image(**job.args["image"])
    chunks = watched(job, desk.image_service().download(image), image.size_bytes)
    name = desk.names.volume(job.subject)
    desk.image_tools().fill(name, desk.driver.path(name), image, chunks)


def upload_bytes(job: Job, desk: VolumeDesk, id: str, disk_format: str, container_format: str) -> None:
    """Give the image, which has none, the bytes of the volume; `Unavailable` if others have arrived."""
    images = desk.image_service()
    digest = hashlib.sha512()
    name = desk.names.volume(job.subject)
    with desk.image_tools().made(name, desk.driver.path(name), disk_format, container_format) as chunks:
        images.upload(id, _counted(watched(job, chunks), digest))
    image = images.show(id)
    # Which digests the image service makes is its operator's choice; this is the usual one.
    if image.hash_algorithm == digest.name and image.hash_value != digest.hexdigest():
        raise Unavailable(f"Image {id} does not have the bytes that were sent.")


def clean(job: Job, desk: VolumeDesk) -> None:
    """Remove what an attempt has left on the way between the image and the volume."""
    if desk.conversions is not None:
        desk.conversions.clean(desk.names.volume(job.subject))


def watched(job: Job, chunks: Iterator[bytes], total_bytes: int = 0) -> Iterator[bytes]:
    """The chunks. Before each, the job is asked whether to go on, and says how far it is."""
    done_bytes = 0
    for chunk in chunks:
        job.check()
        done_bytes += len(chunk)
        job.progress = f"{100 * done_bytes // total_bytes}%" if total_bytes else f"{done_bytes // 2**20} MiB"
        yield chunk


def _counted(chunks: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
