"""How that looks which is on a storage and could be managed, as JSON schemas."""

from typing import Final

from lapilli.api.views.shapes import FLAG, NUMBER, TEXT, TEXT_OR_NULL, always, many, whole

_REFERENCE: Final = whole({"source-name": TEXT})
_SUMMARY: Final = {"reference": _REFERENCE, "size": NUMBER, "safe_to_manage": FLAG}
_MORE: Final = {"reason_not_safe": TEXT_OR_NULL, "cinder_id": TEXT_OR_NULL, "extra_info": {"type": "null"}}
_SOURCE: Final = {"source_reference": {"anyOf": [_REFERENCE, {"type": "null"}]}}

VOLUMES: Final = many("manageable-volumes", always(whole(_SUMMARY)))
VOLUME_DETAILS: Final = many("manageable-volumes", always(whole({**_SUMMARY, **_MORE})))
SNAPSHOTS: Final = many("manageable-snapshots", always(whole({**_SUMMARY, **_SOURCE})))
SNAPSHOT_DETAILS: Final = many("manageable-snapshots", always(whole({**_SUMMARY, **_MORE, **_SOURCE})))
