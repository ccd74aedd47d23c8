"""The bodies of attachments."""

from collections.abc import Mapping
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.formats import ANYTHING, UUID, Schema, fields, one_of, wrapped

_NEW: Final[Mapping[str, Schema]] = {
    "volume_uuid": UUID,
    "instance_uuid": UUID,
    "connector": {"type": ["object", "null"]},
}
_NEW_WITH_MODE: Final = {**_NEW, "mode": {"enum": ["rw", "ro"]}}

CREATE: Final[Mapping[int, Schema]] = {
    since.BEGINNING: wrapped("attachment", fields(_NEW, required=["volume_uuid"])),
    since.ATTACHMENT_MODE: wrapped("attachment", fields(_NEW_WITH_MODE, required=["volume_uuid"])),
}
_CONNECTOR: Final = {"type": "object", "minProperties": 1}
UPDATE: Final[Mapping[int, Schema]] = {
    since.BEGINNING: wrapped(
        "attachment", fields({"connector": {"type": "object", "minProperties": 1}}, required=["connector"])
    )
}
ACTION: Final[Mapping[int, Schema]] = {0: one_of({"os-complete": ANYTHING})}
