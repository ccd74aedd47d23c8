"""Records of backups as Cinder exports them: a JSON object in base64, which another cloud imports."""

import base64
import binascii
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lapilli.backup.names import Address, check_container
from lapilli.model.errors import Malformed

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_LARGEST: Final = 2**31 - 1
_TEXT: Final = ("display_name", "display_description", "availability_zone", "snapshot_id", "encryption_key_id")


@dataclass(frozen=True)
class Record:
    """What an imported backup is, checked."""

    id: str
    size_gib: int
    address: Address
    volume_id: str
    object_count: int
    parent_id: str | None
    data_timestamp: str | None
    fields: Mapping[str, str | None]
    """Further texts, under Cinder's names."""
    metadata: Mapping[str, str]


def encode(fields: Mapping[str, Any]) -> str:
    """The text of a record; `fields` have Cinder's names."""
    whole = {**fields, "deleted": False, "deleted_at": None, "driver_info": {}}
    return base64.b64encode(json.dumps(whole).encode()).decode()


def time_text(time: str | None) -> str | None:
    """A time of the wire as records spell it: in whole seconds, with a Z."""
    return None if time is None else f"{time[:19]}Z"


def decode(text: str) -> Record:
    """Read a record; `Malformed` says what is wrong with it."""
    try:
        fields = json.loads(base64.b64decode(text))
    except (binascii.Error, ValueError) as error:
        raise Malformed("backup_url is no record of a backup: it is not a JSON object in base64.") from error
    if not isinstance(fields, dict):
        raise Malformed("backup_url is no record of a backup: it holds no JSON object.")
    missing = [name for name in ("id", "size", "container", "service_metadata") if fields.get(name) is None]
    if missing:
        raise Malformed(f"The record of the backup has no {' and no '.join(missing)}.")
    return _checked(fields)


def _checked(fields: Mapping[str, Any]) -> Record:
    backup_id = _uuid(fields, "id")
    container, prefix = _text(fields, "container") or "", _text(fields, "service_metadata") or ""
    check_container(container)
    # Whatever begins with the prefix is deleted with the backup, so it must be that of one backup. It may be another
    # id's: a record can be imported under a new one.
    if not _ID.search(prefix):
        raise Malformed(f"The record of backup {backup_id} has a service_metadata that ends with no backup's id.")
    time = _text(fields, "data_timestamp") or _text(fields, "created_at")
    metadata = fields.get("metadata") or {}
    if not isinstance(metadata, dict) or not all(isinstance(each, str) for each in metadata.values()):
        raise Malformed("The record's metadata is no object of texts.")
    return Record(
        id=backup_id,
        size_gib=_number(fields, "size", least=1),
        address=Address(container, prefix),
        volume_id=_uuid(fields, "volume_id") if fields.get("volume_id") else str(uuid.UUID(int=0)),
        object_count=_number(fields, "object_count", least=0),
        parent_id=_uuid(fields, "parent_id") if fields.get("parent_id") else None,
        data_timestamp=time and f"{time.removesuffix('Z')[:19]}.000000",
        fields={name: _text(fields, name) for name in _TEXT},
        metadata=metadata,
    )


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or (isinstance(value, str) and len(value) <= 255):  # noqa: PLR2004 - as the columns are
        return value
    raise Malformed(f"The record's {name} is no text of at most 255 characters.")


def _uuid(fields: Mapping[str, Any], name: str) -> str:
    try:
        return str(uuid.UUID(fields[name]))
    except (ValueError, AttributeError, TypeError) as error:
        raise Malformed(f"The record's {name} is no UUID: {fields[name]!r}.") from error


def _number(fields: Mapping[str, Any], name: str, *, least: int) -> int:
    value = fields.get(name, 0)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= _LARGEST:
        return value
    raise Malformed(f"The record's {name} is no whole number from {least} on: {value!r}.")
