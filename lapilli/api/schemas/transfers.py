"""The bodies of transfers."""

from collections.abc import Mapping
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.formats import BOOL, NAME_OR_NULL, UUID, Schema, fields, wrapped

_NEW: Final[Mapping[str, Schema]] = {"volume_id": UUID, "name": {**NAME_OR_NULL, "format": "not-blank"}}
_NEW_WITH_SNAPSHOTS: Final = {**_NEW, "no_snapshots": BOOL}

CREATE_OF_OLD: Final[Mapping[int, Schema]] = {0: wrapped("transfer", fields(_NEW, required=["volume_id"]))}
"""The body of `/os-volume-transfer`, which has not changed since."""
CREATE: Final[Mapping[int, Schema]] = {
    **CREATE_OF_OLD,
    since.TRANSFER_WITHOUT_SNAPSHOTS: wrapped("transfer", fields(_NEW_WITH_SNAPSHOTS, required=["volume_id"])),
}
ACCEPT: Final[Mapping[int, Schema]] = {
    0: wrapped("accept", fields({"auth_key": {"type": ["string", "integer"]}}, required=["auth_key"]))
}
