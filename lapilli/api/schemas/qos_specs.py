"""The bodies of QoS specs."""

from collections.abc import Mapping
from typing import Final

from lapilli.api.formats import NAME, TEXT_OR_NULL, Schema, fields, map_of, wrapped

_CONSUMER_OR_NULL: Final[Schema] = {"enum": ["back-end", "front-end", "both", None]}
_NAME: Final[Schema] = {**NAME, "format": "not-blank"}

CREATE: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "qos_specs",
        {
            **map_of(r"[\s\S]", TEXT_OR_NULL),
            "properties": {"name": _NAME, "consumer": _CONSUMER_OR_NULL},
            "required": ["name"],
        },
    )
}
UPDATE: Final[Mapping[int, Schema]] = {
    0: wrapped(
        "qos_specs",
        {**map_of(r"[a-zA-Z0-9\-_:. /]", TEXT_OR_NULL), "properties": {"consumer": _CONSUMER_OR_NULL}},
    )
}
KEYS: Final[Mapping[int, Schema]] = {
    0: fields({"keys": {"type": "array", "items": NAME, "uniqueItems": True}}, required=["keys"])
}
