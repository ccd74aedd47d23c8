"""The bodies of what is done to volumes: one value for each action's key."""

from typing import Final

from lapilli.api.formats import BOOL, NAME, SIZE, TEXT, TEXT_OR_NULL, UUID, UUID_OR_NULL, Schema, fields

_CONNECTOR: Final[Schema] = {"type": ["object", "string"]}
_CONNECTOR_OR_NULL: Final[Schema] = {"type": ["object", "string", "null"]}
_ERROR: Final[Schema] = {"type": ["string", "boolean", "null"]}

ATTACH: Final[Schema] = {
    **fields(
        {
            "mountpoint": NAME,
            "instance_uuid": UUID,
            "host_name": TEXT,
            "mode": {"enum": ["rw", "ro"]},
        },
        required=["mountpoint"],
    ),
    "anyOf": [{"required": ["instance_uuid"]}, {"required": ["host_name"]}],
}
DETACH: Final[Schema] = {
    "type": ["object", "null"],
    "properties": {"attachment_id": UUID_OR_NULL},
    "additionalProperties": False,
}
FORCE_DETACH: Final = fields({"connector": _CONNECTOR_OR_NULL, "attachment_id": {"type": ["string", "null"]}})
INITIALIZE_CONNECTION: Final = fields({"connector": _CONNECTOR}, required=["connector"])
TERMINATE_CONNECTION: Final = fields({"connector": _CONNECTOR_OR_NULL}, required=["connector"])

EXTEND: Final = fields({"new_size": SIZE}, required=["new_size"])
EXTEND_COMPLETION: Final = fields({"error": _ERROR})
RESET_STATUS: Final = fields(
    {"status": TEXT_OR_NULL, "attach_status": TEXT_OR_NULL, "migration_status": TEXT_OR_NULL}, least=1
)
SET_BOOTABLE: Final = fields({"bootable": BOOL}, required=["bootable"])
UPDATE_READONLY: Final = fields({"readonly": BOOL}, required=["readonly"])

REVERT: Final = fields({"snapshot_id": TEXT_OR_NULL}, others=True)
_MIGRATION: Final = {"force_host_copy": BOOL, "lock_volume": BOOL}
MIGRATE: Final = fields({"host": TEXT, **_MIGRATION}, required=["host"])
MIGRATE_OR_TO_CLUSTER: Final = fields({"host": TEXT_OR_NULL, "cluster": TEXT_OR_NULL, **_MIGRATION})
MIGRATE_COMPLETION: Final = fields({"new_volume": UUID, "error": _ERROR}, required=["new_volume"])
RETYPE: Final = fields(
    {"new_type": {"type": "string"}, "migration_policy": {"enum": ["on-demand", "never"]}}, required=["new_type"]
)
