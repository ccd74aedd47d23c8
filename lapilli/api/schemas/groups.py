"""The bodies of groups and group snapshots, also under their older names."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import (
    BOOL,
    DESCRIPTION,
    NAME,
    NAME_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    UUID,
    UUID_OR_NULL,
    Schema,
    fields,
    wrapped,
)

_ANY_TEXT: Final = {"type": "string"}
_ANY_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_NAMES: Final[Mapping[str, Schema]] = {"name": TEXT_OR_NULL, "description": DESCRIPTION}
_TYPES: Final = {"type": "array", "minItems": 1, "items": TEXT, "uniqueItems": True}
_NEW: Final[Mapping[str, Schema]] = {
    **_NAMES,
    "group_type": {**NAME, "format": "not-blank"},
    "volume_types": _TYPES,
    "availability_zone": NAME_OR_NULL,
}
# `openstack` sends null for the source that it does not mean.
_FROM_SOURCE: Final = fields({**_NAMES, "group_snapshot_id": UUID_OR_NULL, "source_group_id": UUID_OR_NULL})
# Lists of volumes are ids with commas between them, and no longer than any other text.
_CHANGES: Final[Mapping[str, Schema]] = {**_NAMES, "add_volumes": DESCRIPTION, "remove_volumes": DESCRIPTION}

CREATE: Final[Mapping[int, Schema]] = {0: wrapped("group", fields(_NEW, required=["group_type", "volume_types"]))}
CREATE_FROM_SOURCE: Final[Mapping[int, Schema]] = {0: wrapped("create-from-src", _FROM_SOURCE)}
UPDATE: Final[Mapping[int, Schema]] = {0: wrapped("group", fields(_CHANGES, least=1))}

DELETE: Final = fields({"delete-volumes": BOOL})
RESET_STATUS: Final = fields({"status": _ANY_TEXT}, required=["status"])
AN_OBJECT: Final = {"type": "object"}
FAILOVER: Final = fields({"allow_attached_volume": BOOL, "secondary_backend_id": TEXT_OR_NULL})

CREATE_SNAPSHOT: Final[Mapping[int, Schema]] = {
    0: wrapped("group_snapshot", fields({**_NAMES, "group_id": UUID}, required=["group_id"]))
}


def _loosely(key: str, properties: Mapping[str, Schema], *required: str) -> Mapping[int, Schema]:
    """The older names take any further properties, and null for what is not given, as `cinder` sends it."""
    return {0: fields({key: fields(properties, required=required, others=True)}, required=[key], others=True)}


CREATE_CONSISTENCY_GROUP: Final = _loosely(
    "consistencygroup",
    {**_NAMES, "volume_types": {**_ANY_TEXT, "minLength": 1}, "availability_zone": NAME_OR_NULL},
    "volume_types",
)
CREATE_CONSISTENCY_GROUP_FROM_SOURCE: Final = _loosely(
    "consistencygroup-from-src", {**_NAMES, "cgsnapshot_id": _ANY_TEXT_OR_NULL, "source_cgid": _ANY_TEXT_OR_NULL}
)
UPDATE_CONSISTENCY_GROUP: Final = _loosely(
    "consistencygroup", {**_NAMES, "add_volumes": _ANY_TEXT_OR_NULL, "remove_volumes": _ANY_TEXT_OR_NULL}
)
_FORCE: Final = fields({"force": BOOL}, others=True)
DELETE_CONSISTENCY_GROUP: Final[Mapping[int, Schema]] = {
    0: {
        # `openstack` spells the key with an underline.
        **fields({"consistencygroup": _FORCE, "consistency_group": _FORCE}, others=True),
        "anyOf": [{"required": ["consistencygroup"]}, {"required": ["consistency_group"]}, {"maxProperties": 0}],
    }
}
CREATE_CGSNAPSHOT: Final = _loosely(
    "cgsnapshot",
    {"consistencygroup_id": _ANY_TEXT, "name": TEXT_OR_NULL, "description": TEXT_OR_NULL},
    "consistencygroup_id",
)
