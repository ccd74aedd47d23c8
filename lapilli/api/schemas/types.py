"""The bodies of volume types, of their extra specs and of who may use them."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import (
    BOOL,
    DESCRIPTION,
    MOST,
    NAME,
    NAME_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    fields,
    one_of,
    wrapped,
)


def _extra_specs(letters: str) -> Schema:
    """Specs whose keys are of these letters. An operator at the end of a key makes it a preference."""
    key = rf"^[{letters}]{{1,255}}(<=|>=|==|!=|<|>|!|=)?$"
    return {"type": "object", "patternProperties": {key: TEXT_OR_NULL}, "additionalProperties": False}


_NAME: Final = {**NAME, "format": "not-blank"}
_NAME_OR_NULL: Final = {**NAME_OR_NULL, "format": "not-blank"}
_SPECS: Final = _extra_specs(r"a-zA-Z0-9\-_:.")

CREATE: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "volume_type",
        fields(
            {
                "name": _NAME,
                "description": DESCRIPTION,
                "extra_specs": _extra_specs(r"a-zA-Z0-9\-_:. /"),
                "os-volume-type-access:is_public": BOOL,
            },
            required=["name"],
        ),
    )
}
UPDATE: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "volume_type",
        fields({"name": _NAME_OR_NULL, "description": DESCRIPTION, "is_public": BOOL}, least=1),
    )
}
SPECS: Final[Mapping[int, Schema]] = {0: wrapped("extra_specs", _SPECS)}
SPEC: Final[Mapping[int, Schema]] = {0: {**_SPECS, "minProperties": 1, "maxProperties": 1}}

_PROJECT: Final = fields({"project": NAME}, required=["project"])
ACTION: Final[Mapping[int, Schema]] = {0: one_of({"addProjectAccess": _PROJECT, "removeProjectAccess": _PROJECT})}

DEFAULT: Final[Mapping[int, Schema]] = {
    0: wrapped("default_type", fields({"volume_type": _NAME}, required=["volume_type"]))
}

_ENCRYPTION: Final[Mapping[str, Schema]] = {
    "provider": TEXT,
    "control_location": {"enum": ["front-end", "back-end"]},
    "cipher": TEXT_OR_NULL,
    "key_size": {"type": ["integer", "string", "null"], "format": "count", "minimum": 0, "maximum": MOST},
}
ENCRYPT: Final[Mapping[int, Schema]] = {
    0: wrapped("encryption", fields(_ENCRYPTION, required=["provider", "control_location"], others=True))
}
ENCRYPT_OTHERWISE: Final[Mapping[int, Schema]] = {0: wrapped("encryption", fields(_ENCRYPTION, others=True))}
