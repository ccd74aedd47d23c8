"""How encryptions of volume types, and of volumes, look, as JSON schemas."""

from typing import Final

from lapilli.api.views.shapes import (
    FLAG,
    NUMBER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    Shape,
    a_property_of,
    always,
    one,
    whole,
)

_WAY: Final = {"provider": TEXT, "control_location": TEXT, "cipher": TEXT_OR_NULL, "key_size": NUMBER_OR_NULL}
_IDS: Final = {"volume_type_id": TEXT, "encryption_id": TEXT}
_TIMES: Final = {"created_at": TEXT, "updated_at": TEXT_OR_NULL, "deleted_at": TEXT_OR_NULL, "deleted": FLAG}
_ALL: Final = {**_WAY, **_IDS, **_TIMES}

OF_TYPE: Final = always({"anyOf": [whole(_ALL), whole({})]})
"""Nothing is said of a type that is not encrypted."""
PROPERTY_OF_TYPE: Final = always(a_property_of(_ALL))


def _sent(required: dict[str, Shape]) -> Shape:
    """What was sent, properties that nobody knows among it."""
    return {"type": "object", "properties": {**_WAY, **_IDS}, "required": sorted(required)}


CREATED: Final = one("encryption", always(_sent({**_IDS, "provider": TEXT, "control_location": TEXT})))
UPDATED: Final = one("encryption", always(_sent({})))

OF_VOLUME: Final = always(whole({"encryption_key_id": TEXT_OR_NULL}, _WAY))
PROPERTY_OF_VOLUME: Final = always(TEXT)
