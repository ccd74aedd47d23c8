"""The bodies of snapshots, of their metadata and of their actions."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import (
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
# Unlike those of volumes, these may have further keys beside the one that counts.
METADATA_SET: Final[Mapping[int, Schema]] = {0: fields({"metadata": _PAIRS}, required=["metadata"], others=True)}
METADATA_ITEM: Final[Mapping[int, Schema]] = {
    0: fields({"meta": {**_PAIRS, "minProperties": 1, "maxProperties": 1}}, required=["meta"], others=True)
}

_PROGRESS: Final = {"type": ["string", "null"], "pattern": "^(100|[0-9]{1,2})%$"}
_STATUS: Final = {"type": "string"}

RESET_STATUS: Final = fields({"status": _STATUS}, required=["status"])
UPDATE_STATUS: Final = fields({"status": _STATUS, "progress": _PROGRESS}, required=["status"])
