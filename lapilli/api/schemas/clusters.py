"""The bodies of what an administrator does to clusters, and after services that are down."""

from collections.abc import Mapping
from typing import Final

from lapilli.api import microversions as since
from lapilli.api.formats import BOOL, MOST, NAME, NAME_OR_NULL, TEXT_OR_NULL, UUID_OR_NULL, Schema, fields

ENABLE: Final[Mapping[int, Schema]] = {
    since.BEGINNING: fields({"name": NAME, "binary": TEXT_OR_NULL}, required=["name"]),
}
DISABLE: Final[Mapping[int, Schema]] = {
    since.BEGINNING: fields(
        {"name": NAME, "binary": TEXT_OR_NULL, "disabled_reason": {**NAME_OR_NULL}}, required=["name"]
    ),
}
CLEANUP: Final[Mapping[int, Schema]] = {
    since.BEGINNING: fields(
        {
            "cluster_name": TEXT_OR_NULL,
            "host": TEXT_OR_NULL,
            "binary": {"enum": ["cinder-volume", "cinder-scheduler"]},
            "service_id": {"type": ["integer", "string"], "format": "count", "minimum": 0, "maximum": MOST},
            "is_up": BOOL,
            "disabled": BOOL,
            "resource_id": UUID_OR_NULL,
            "resource_type": {"type": "string", "pattern": "^(?i:volume|snapshot)$"},
        }
    ),
}
