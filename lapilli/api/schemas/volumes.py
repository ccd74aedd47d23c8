"""The bodies of volumes and of their actions."""

from collections.abc import Mapping
from typing import Any, Final

from lapilli.api.formats import (
    ANYTHING,
    BOOL,
    METADATA,
    METADATA_OR_NULL,
    NAME,
    NAME_OR_NULL,
    SIZE,
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
    "multiattach": {"type": ["boolean", "string", "null"], "format": "boolean"},
}
_NEW_WITH_GROUP: Final = {**_NEW, "group_id": TEXT_OR_NULL}
_NEW_WITH_BACKUP: Final = {**_NEW_WITH_GROUP, "backup_id": UUID_OR_NULL}


def _create(properties: Mapping[str, Schema], *, others: bool) -> Schema:
    volume = fields(properties, others=others, least=1)
    return fields({"volume": volume, "OS-SCH-HNT:scheduler_hints": _HINTS}, required=["volume"])


CREATE: Final[Mapping[int, Schema]] = {
    0: _create(_NEW, others=True),
    13: _create(_NEW_WITH_GROUP, others=True),
    47: _create(_NEW_WITH_BACKUP, others=True),
    53: _create(_NEW_WITH_BACKUP, others=False),
}

_CHANGES: Final = {
    "name": TEXT_OR_NULL,
    "display_name": TEXT_OR_NULL,
    "description": TEXT_OR_NULL,
    "display_description": TEXT_OR_NULL,
    "metadata": METADATA_OR_NULL,
}
UPDATE: Final[Mapping[int, Schema]] = {
    0: wrapped("volume", fields(_CHANGES)),
    53: wrapped("volume", fields(_CHANGES, least=1)),
}

METADATA_SET: Final[Mapping[int, Schema]] = {0: wrapped("metadata", METADATA)}
METADATA_ITEM: Final[Mapping[int, Schema]] = {0: wrapped("meta", {**METADATA, "minProperties": 1, "maxProperties": 1})}

_CONNECTOR: Final = {"type": ["object", "string"]}
_CONNECTOR_OR_NULL: Final = {"type": ["object", "string", "null"]}
_ATTACH: Final = {
    **fields(
        {
            "mountpoint": NAME,
            "instance_uuid": UUID_OR_NULL,
            "host_name": TEXT_OR_NULL,
            "mode": {"enum": ["rw", "ro"]},
        },
        required=["mountpoint"],
    ),
    "anyOf": [{"required": ["instance_uuid"]}, {"required": ["host_name"]}],
}
_RESET: Final = fields(
    {"status": TEXT_OR_NULL, "attach_status": TEXT_OR_NULL, "migration_status": TEXT_OR_NULL}, least=1
)

ACTIONS: Final[Mapping[str, Schema]] = {
    "os-attach": _ATTACH,
    "os-begin_detaching": ANYTHING,
    "os-detach": {
        "type": ["object", "null"],
        "properties": {"attachment_id": UUID_OR_NULL},
        "additionalProperties": False,
    },
    "os-extend": fields({"new_size": SIZE}, required=["new_size"]),
    "os-force_delete": ANYTHING,
    "os-force_detach": fields({"connector": _CONNECTOR_OR_NULL, "attachment_id": TEXT_OR_NULL}),
    "os-initialize_connection": fields({"connector": _CONNECTOR}, required=["connector"]),
    "os-reserve": ANYTHING,
    "os-reset_status": _RESET,
    "os-roll_detaching": ANYTHING,
    "os-set_bootable": fields({"bootable": BOOL}, required=["bootable"]),
    "os-terminate_connection": fields({"connector": _CONNECTOR_OR_NULL}, required=["connector"]),
    "os-unreserve": ANYTHING,
    "os-update_readonly_flag": fields({"readonly": BOOL}, required=["readonly"]),
}


def actions(known: Mapping[str, Any]) -> Mapping[int, Schema]:
    """The body of an action URL: an object with exactly one of the known keys."""
    body = fields({name: known[name] for name in sorted(known)}, least=1)
    return {0: {**body, "maxProperties": 1}}


ACTION: Final = actions(ACTIONS)
