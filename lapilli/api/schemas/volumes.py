"""The bodies of volumes and of their actions."""

from collections.abc import Mapping
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.formats import (
    BOOL,
    METADATA,
    METADATA_OR_NULL,
    NAME_OR_NULL,
    SIZE_OR_NULL,
    TEXT_OR_NULL,
    UUID,
    UUID_OR_NULL,
    Schema,
    fields,
    wrapped,
)

_HINTS: Final = {
    "type": ["object", "null"],
    "properties": {
        "same_host": {"type": ["string", "array"], "format": "uuid", "items": UUID, "uniqueItems": True},
        "different_host": {"type": ["string", "array"], "format": "uuid", "items": UUID, "uniqueItems": True},
        "local_to_instance": UUID_OR_NULL,
        "query": {"type": ["string", "object"]},
    },
}

_NEW: Final[Mapping[str, Schema]] = {
    "name": TEXT_OR_NULL,
    "display_name": TEXT_OR_NULL,
    "description": TEXT_OR_NULL,
    "display_description": TEXT_OR_NULL,
    "size": SIZE_OR_NULL,
    "volume_type": TEXT_OR_NULL,
    "metadata": METADATA_OR_NULL,
    "availability_zone": NAME_OR_NULL,
    "snapshot_id": UUID_OR_NULL,
    "source_volid": UUID_OR_NULL,
    "imageRef": TEXT_OR_NULL,
    "image_id": TEXT_OR_NULL,
    "consistencygroup_id": UUID_OR_NULL,
    "multiattach": BOOL,
}
_NEW_WITH_GROUP: Final = {**_NEW, "group_id": TEXT_OR_NULL}
_NEW_WITH_BACKUP: Final = {**_NEW_WITH_GROUP, "backup_id": UUID_OR_NULL}


def _create(properties: Mapping[str, Schema], *, others: bool) -> Schema:
    volume = fields(properties, others=others, least=1)
    return fields({"volume": volume, "OS-SCH-HNT:scheduler_hints": _HINTS}, required=["volume"])


CREATE: Final[Mapping[int, Schema]] = {
    since.BEGINNING: _create(_NEW, others=True),
    since.GROUPS: _create(_NEW_WITH_GROUP, others=True),
    since.CREATE_FROM_BACKUP: _create(_NEW_WITH_BACKUP, others=True),
    since.STRICT_VOLUMES: _create(_NEW_WITH_BACKUP, others=False),
}

_CHANGES: Final = {
    "name": TEXT_OR_NULL,
    "display_name": TEXT_OR_NULL,
    "description": TEXT_OR_NULL,
    "display_description": TEXT_OR_NULL,
    "metadata": METADATA,
}
UPDATE: Final[Mapping[int, Schema]] = {
    since.BEGINNING: wrapped("volume", fields(_CHANGES)),
    since.STRICT_VOLUMES: wrapped("volume", fields(_CHANGES, least=1)),
}

METADATA_SET: Final[Mapping[int, Schema]] = {0: wrapped("metadata", METADATA)}
METADATA_ITEM: Final[Mapping[int, Schema]] = {0: wrapped("meta", {**METADATA, "minProperties": 1, "maxProperties": 1})}
