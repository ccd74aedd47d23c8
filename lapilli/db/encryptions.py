"""Questions about how volume types are encrypted, and what may be written to those rows."""

from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from lapilli.db import notifications
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow, first
from lapilli.db.schema import encryptions
from lapilli.model.errors import NotFound

_OF_TYPE: Final = select(encryptions).where(encryptions.c.volume_type_id == bindparam("of"))


def find(tx: Connection, type_id: str) -> AnyRow | None:
    """How the type is encrypted, or None if it is not."""
    return first(tx.execute(_OF_TYPE, {"of": type_id}))


def add(tx: Connection, **values: Any) -> None:
    """Encrypt a type that is not encrypted."""
    tx.execute(insert(encryptions).values(created_at=now_text(), **values))
    notifications.announce(tx, "volume_type_encryption.create", "volumeTypeEncryption", values)


def change(tx: Connection, type_id: str, **values: Any) -> None:
    """Encrypt the type in another way; `NotFound` if it is not encrypted."""
    mine = update(encryptions).where(encryptions.c.volume_type_id == type_id)
    _check_there(tx.execute(mine.values(updated_at=now_text(), **values)).rowcount, type_id)
    told = {"volume_type_id": type_id, **values}
    notifications.announce(tx, "volume_type_encryption.update", "volumeTypeEncryption", told)


def remove(tx: Connection, type_id: str) -> None:
    """Encrypt the type no more; `NotFound` if it is not encrypted."""
    mine = delete(encryptions).where(encryptions.c.volume_type_id == type_id)
    _check_there(tx.execute(mine).rowcount, type_id)


def _check_there(number: int, type_id: str) -> None:
    if not number:
        raise NotFound("Encryption of volume type", type_id)
