"""The bodies of group types and of their specs."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import (
    BOOL,
    DESCRIPTION,
    METADATA_OR_NULL,
    NAME,
    NAME_OR_NULL,
    TEXT_OR_NULL,
    Schema,
    fields,
    map_of,
    wrapped,
)

_SPECS: Final = map_of(r"[a-zA-Z0-9\-_:.]", TEXT_OR_NULL)

CREATE: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "group_type",
        fields(
            {
                "name": {**NAME, "format": "not-blank"},
                "description": DESCRIPTION,
                "is_public": BOOL,
                "group_specs": METADATA_OR_NULL,
            },
            required=["name"],
        ),
    )
}
UPDATE: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "group_type",
        fields(
            {"name": {**NAME_OR_NULL, "format": "not-blank"}, "description": DESCRIPTION, "is_public": BOOL}, least=1
        ),
    )
}
SPECS: Final[Mapping[int, Schema]] = {0: wrapped("group_specs", _SPECS)}
SPEC: Final[Mapping[int, Schema]] = {0: {**_SPECS, "minProperties": 1, "maxProperties": 1}}
