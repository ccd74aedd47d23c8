"""The bodies of snapshots, of their metadata and of their actions."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import (
    ANYTHING,
    BOOL,
    DESCRIPTION,
    METADATA_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    UUID_OR_NULL,
    Schema,
    fields,
    map_of,
    wrapped,
)
from lapilli.api.schemas.volumes import actions

_NAMES: Final[Mapping[str, Schema]] = {
    "name": TEXT_OR_NULL,
    "display_name": TEXT_OR_NULL,
    "description": DESCRIPTION,
    "display_description": DESCRIPTION,
}
_NEW: Final[Mapping[str, Schema]] = {
    **{name: _NAMES[name] for name in ("name", "display_name", "description")},
    "volume_id": UUID_OR_NULL,
    "force": BOOL,
    "metadata": METADATA_OR_NULL,
}
_PAIRS: Final = map_of(r"[a-zA-Z0-9-_:. ]", TEXT)

CREATE: Final[Mapping[int, Schema]] = {0: wrapped("snapshot", fields(_NEW, required=["volume_id"]))}
UPDATE: Final[Mapping[int, Schema]] = {0: wrapped("snapshot", fields(_NAMES, least=1))}
METADATA_SET: Final[Mapping[int, Schema]] = {0: wrapped("metadata", _PAIRS)}
METADATA_ITEM: Final[Mapping[int, Schema]] = {0: wrapped("meta", {**_PAIRS, "minProperties": 1, "maxProperties": 1})}

_PROGRESS: Final = {"type": ["string", "null"], "pattern": "^(100|[0-9]{1,2})%$"}
_STATUS: Final = {"type": "string"}

ACTION: Final = actions(
    {
        "os-force_delete": ANYTHING,
        "os-reset_status": fields({"status": _STATUS}, required=["status"]),
        "os-update_snapshot_status": fields({"status": _STATUS, "progress": _PROGRESS}, required=["status"]),
    }
)
