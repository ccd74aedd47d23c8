"""The bodies of backups, their restores and their records."""

from collections.abc import Mapping
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.formats import (
    BOOL,
    DESCRIPTION,
    METADATA,
    METADATA_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    UUID,
    UUID_OR_NULL,
    Schema,
    fields,
    wrapped,
)

_NAMES: Final[Mapping[str, Schema]] = {"name": TEXT_OR_NULL, "description": DESCRIPTION}
_NEW: Final[Mapping[str, Schema]] = {
    **_NAMES,
    "volume_id": UUID,
    "container": TEXT_OR_NULL,
    "incremental": BOOL,
    "force": BOOL,
    "snapshot_id": UUID_OR_NULL,
}
_NEW_WITH_METADATA: Final = {**_NEW, "metadata": METADATA_OR_NULL}
_NEW_WITH_ZONE: Final = {**_NEW_WITH_METADATA, "availability_zone": TEXT_OR_NULL}


def _new(properties: Mapping[str, Schema]) -> Schema:
    return wrapped("backup", fields(properties, required=["volume_id"]))


CREATE: Final[Mapping[int, Schema]] = {
    0: _new(_NEW),
    since.BACKUP_METADATA: _new(_NEW_WITH_METADATA),
    since.BACKUP_ZONE: _new(_NEW_WITH_ZONE),
}
UPDATE: Final[Mapping[int, Schema]] = {
    0: wrapped("backup", fields(_NAMES)),
    since.BACKUP_METADATA: wrapped("backup", fields({**_NAMES, "metadata": METADATA})),
}
RESTORE: Final[Mapping[int, Schema]] = {
    0: wrapped("restore", fields({"name": TEXT_OR_NULL, "volume_id": UUID_OR_NULL}))
}
IMPORT: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "backup-record",
        fields(
            {"backup_service": TEXT, "backup_url": {"type": "string", "minLength": 1}},
            required=["backup_service", "backup_url"],
        ),
    )
}
RESET_STATUS: Final = fields({"status": {"type": "string", "pattern": "^(?i:available|error)$"}}, required=["status"])
