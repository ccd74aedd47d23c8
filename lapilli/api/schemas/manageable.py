"""The bodies that take over what is on a storage already."""

from collections.abc import Mapping
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.formats import BOOL, DESCRIPTION, METADATA_OR_NULL, TEXT_OR_NULL, UUID, Schema, fields, wrapped

_HOST: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^[a-zA-Z0-9-._#@:/+\[\]]*$",
}
_VOLUME: Final[Mapping[str, Schema]] = {
    "ref": {"type": ["object", "string"]},
    "host": _HOST,
    "name": TEXT_OR_NULL,
    "description": DESCRIPTION,
    "volume_type": TEXT_OR_NULL,
    "metadata": METADATA_OR_NULL,
    "availability_zone": TEXT_OR_NULL,
    "bootable": BOOL,
}
_VOLUME_OR_OF_CLUSTER: Final = {**_VOLUME, "cluster": TEXT_OR_NULL}

VOLUME: Final[Mapping[int, Schema]] = {
    since.BEGINNING: wrapped("volume", fields(_VOLUME, required=["ref"])),
    since.MIGRATE_TO_CLUSTER: wrapped("volume", fields(_VOLUME_OR_OF_CLUSTER, required=["ref"])),
}
SNAPSHOT: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "snapshot",
        fields(
            {
                "volume_id": UUID,
                "ref": {"type": ["object", "string", "null"]},
                "name": TEXT_OR_NULL,
                "description": DESCRIPTION,
                "metadata": METADATA_OR_NULL,
            },
            required=["ref", "volume_id"],
        ),
    )
}
