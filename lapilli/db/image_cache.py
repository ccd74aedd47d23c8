"""Questions about the volumes that hold images: one for each image and volume service, at most."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow, every, first
from lapilli.db.schema import image_cache, volumes
from lapilli.model.errors import Taken
from lapilli.model.images import Image

_ENTRIES: Final = (
    select(*image_cache.c, volumes.c.status, volumes.c.host)
    .join(volumes, volumes.c.id == image_cache.c.volume_id)
    .where(image_cache.c.service == bindparam("at"))
)
_ONE: Final = _ENTRIES.where(image_cache.c.image_id == bindparam("of"))


def find(tx: Connection, service: str, image_id: str) -> AnyRow | None:
    """The image's entry with the `status` and `host` of its volume, or None."""
    return first(tx.execute(_ONE, {"at": service, "of": image_id}))


def list_oldest(tx: Connection, service: str) -> Sequence[AnyRow]:
    """The service's entries as in `find`, the one that was not used for longest first."""
    return every(tx.execute(_ENTRIES.order_by(image_cache.c.used_at), {"at": service}))


def add(tx: Connection, volume_id: str, image: Image, service: str, size_gib: int) -> None:
    """Say that the volume will hold the image. Raises `Taken` if another one does."""
    entry = {"volume_id": volume_id, "service": service, "size_gib": size_gib, "used_at": now_text()}
    try:
        tx.execute(insert(image_cache).values(image_id=image.id, image_updated_at=image.updated_at, **entry))
    except IntegrityError as error:
        raise Taken(f"{service} has image {image.id} already.") from error


def touch(tx: Connection, volume_id: str) -> None:
    """The entry is used now."""
    tx.execute(update(image_cache).where(image_cache.c.volume_id == volume_id).values(used_at=now_text()))


def remove(tx: Connection, volume_id: str) -> None:
    """The volume holds no image any more, as far as others look for one."""
    tx.execute(delete(image_cache).where(image_cache.c.volume_id == volume_id))
