"""The bodies of attachments."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import ANYTHING, UUID, Schema, fields, wrapped
from lapilli.api.schemas.volumes import actions

_NEW: Final[Mapping[str, Schema]] = {
    "volume_uuid": UUID,
    "instance_uuid": UUID,
    "connector": {"type": ["object", "null"]},
}
_NEW_WITH_MODE: Final = {**_NEW, "mode": {"enum": ["rw", "ro"]}}

CREATE: Final[Mapping[int, Schema]] = {
    0: wrapped("attachment", fields(_NEW, required=["volume_uuid"])),
    54: wrapped("attachment", fields(_NEW_WITH_MODE, required=["volume_uuid"])),
}
UPDATE: Final[Mapping[int, Schema]] = {
    0: wrapped("attachment", fields({"connector": {"type": "object", "minProperties": 1}}, required=["connector"]))
}
ACTION: Final = actions({"os-complete": ANYTHING})
