"""The bodies of what an administrator does to services."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import NAME, TEXT_OR_NULL, Schema, fields

_HOST: Final = {**NAME, "pattern": r"^[a-zA-Z0-9\-._#@:/+\[\]]*$"}
_SERVICE: Final = {"host": _HOST, "binary": NAME, "service": NAME, "cluster": TEXT_OR_NULL}
_EITHER_NAME: Final = {"anyOf": [{"required": ["binary"]}, {"required": ["service"]}]}

SWITCH: Final[Mapping[int, Schema]] = {0: {**fields(_SERVICE, required=["host"]), **_EITHER_NAME}}
DISABLE_WITH_REASON: Final[Mapping[int, Schema]] = {
    0: {
        **fields(
            {**_SERVICE, "disabled_reason": {**NAME, "format": "not-blank"}}, required=["host", "disabled_reason"]
        ),
        **_EITHER_NAME,
    }
}
FREEZE: Final[Mapping[int, Schema]] = {
    0: fields({"host": _HOST}, required=["host"]),
    26: fields({"host": _HOST, "cluster": TEXT_OR_NULL}),
}
