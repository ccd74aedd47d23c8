"""The bodies of what an administrator does to services."""

from collections.abc import Mapping
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.formats import NAME, TEXT_OR_NULL, Schema, fields

_HOST: Final = {**NAME, "pattern": r"^[a-zA-Z0-9\-._#@:/+\[\]]*$"}
_SERVICE: Final = {"host": _HOST, "binary": NAME, "service": NAME, "cluster": TEXT_OR_NULL}
_EITHER_NAME: Final = {"anyOf": [{"required": ["binary"]}, {"required": ["service"]}]}

SWITCH: Final[Mapping[int, Schema]] = {0: {**fields(_SERVICE, required=["host"]), **_EITHER_NAME}}
DISABLE_WITH_REASON: Final[Mapping[int, Schema]] = {
    since.BEGINNING: {
        **fields(
            {**_SERVICE, "disabled_reason": {**NAME, "format": "not-blank"}}, required=["host", "disabled_reason"]
        ),
        **_EITHER_NAME,
    }
}
_LOGGERS: Final[Mapping[str, Schema]] = {
    "binary": {"enum": ["", "*", "cinder-api", "cinder-volume", "cinder-scheduler", "cinder-backup"]},
    "server": TEXT_OR_NULL,
    "prefix": TEXT_OR_NULL,
}
GET_LOG: Final[Mapping[int, Schema]] = {since.BEGINNING: fields(_LOGGERS)}
SET_LOG: Final[Mapping[int, Schema]] = {
    since.BEGINNING: fields({**_LOGGERS, "level": {"type": "string"}}, required=["level"])
}
FAILOVER: Final[Mapping[int, Schema]] = {
    since.BEGINNING: fields({"host": _HOST, "backend_id": TEXT_OR_NULL}, required=["host"]),
    since.CLUSTER_REPLICATION: fields({"host": _HOST, "cluster": TEXT_OR_NULL, "backend_id": TEXT_OR_NULL}),
}
HOST: Final[Mapping[int, Schema]] = {
    since.BEGINNING: fields(
        {"status": {"type": "string", "pattern": r"^\s*(?i:enable|disable)\s*$"}}, required=["status"]
    )
}
FREEZE: Final[Mapping[int, Schema]] = {
    since.BEGINNING: fields({"host": _HOST}, required=["host"]),
    since.CLUSTER_REPLICATION: fields({"host": _HOST, "cluster": TEXT_OR_NULL}),
}
