"""Volumes that hold images: a volume that asks for such an image is cloned, and its bytes are not fetched again.

They belong to the operator's own project, and are made by the same operation as any other volume. Whoever asks for an
image while it is brought into the cache waits for that.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from lapilli.db import image_cache, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Taken
from lapilli.model.images import Image
from lapilli.model.values import GIB, Caller
from lapilli.operations import delete_volume
from lapilli.operations.desks import CacheRules
from lapilli.work.operation import Job, Retry
from lapilli.work.queue import read_from

_WAIT_S = 1.0


Bring = Callable[[Connection, str, Mapping[str, Any]], None]
"""(tx, volume id, args) → submits the operation that makes the cache's volume."""


def find_copy(tx: Connection, job: Job, service: str) -> str | None:
    """The volume to clone for the job's image, which then stays until the job has finished; None if there is none.

    Raises `Retry` while one is made.
    """
    image = Image(**job.args["image"])
    entry = image_cache.find(tx, service, image.id)
    if entry is None or entry.size_gib > job.args["size_gib"]:
        return None
    if entry.status in {"creating", "downloading"}:
        raise Retry(f"image {image.id} is being brought into the cache", _WAIT_S)
    if entry.status != "available" or entry.image_updated_at != image.updated_at:
        _evict(tx, entry)
        return None
    read_from(tx, job, entry.volume_id)
    image_cache.touch(tx, entry.volume_id)
    return str(entry.volume_id)


def begin(tx: Connection, job: Job, rules: CacheRules, service: str, bring: Bring) -> bool:
    """Begin to bring the job's image into the cache; false if it does not fit there, or is there for larger volumes."""
    image = Image(**job.args["image"])
    known_bytes = image.virtual_size_bytes or (image.size_bytes if image.disk_format == "raw" else 0)
    # The size of a disk that nobody has told is not more than the volume has that was asked for.
    size_gib = max(-(-known_bytes // GIB), image.min_disk_gib, 1) if known_bytes else job.args["size_gib"]
    if image_cache.find(tx, service, image.id) or not _make_room(tx, rules, service, size_gib):
        return False
    like = volumes.get(tx, job.subject, None)
    volume_id = str(uuid.uuid4())
    volumes.add(
        tx,
        id=volume_id,
        project_id=rules.project_id,
        user_id=rules.user_id,
        name=f"image-{image.id}",
        size_gib=size_gib,
        charged_gib=size_gib,
        volume_type_id=like.volume_type_id,
        consumes_quota=False,
    )
    try:
        image_cache.add(tx, volume_id, image, service, size_gib)
    except Taken as error:
        raise Retry(str(error), 0.0) from error
    bring(tx, volume_id, {"size_gib": size_gib, "required": like.host, "image": job.args["image"]})
    return True


def _make_room(tx: Connection, rules: CacheRules, service: str, size_gib: int) -> bool:
    """Delete what was not used for longest, until the bounds leave room for one more; false if they never do."""
    entries = list(image_cache.list_oldest(tx, service))
    while not _has_room(rules, entries, size_gib):
        doomed = next((entry for entry in entries if _evict(tx, entry)), None)
        if doomed is None:
            return False
        entries.remove(doomed)
    return True


def _has_room(rules: CacheRules, entries: Sequence[AnyRow], size_gib: int) -> bool:
    is_few = not rules.most_volumes or len(entries) < rules.most_volumes
    is_small = not rules.most_gib or sum(entry.size_gib for entry in entries) + size_gib <= rules.most_gib
    return is_few and is_small


def _evict(tx: Connection, entry: AnyRow) -> bool:
    """Let the volume be deleted; false if it is in use."""
    operator = Caller("", "", frozenset({"admin"}), is_admin=True)
    with suppress(Conflict):
        delete_volume.admit(tx, operator, entry.volume_id)
        image_cache.remove(tx, entry.volume_id)
        return True
    return False
