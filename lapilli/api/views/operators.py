"""What operators are shown, as JSON schemas: services, hosts, pools, zones and their like."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.views.shapes import (
    ANYTHING,
    FLAG,
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    WORDS,
    Shape,
    always,
    array,
    many,
    one,
    whole,
)


def _service(minor: int) -> Shape:
    of_volumes = {"replication_status": TEXT_OR_NULL, "active_backend_id": TEXT_OR_NULL, "frozen": FLAG}
    if minor >= since.BACKEND_STATE:
        of_volumes["backend_state"] = TEXT_OR_NULL
    of_all = {
        **dict.fromkeys(("binary", "host", "zone", "status", "state"), TEXT),
        **dict.fromkeys(("updated_at", "disabled_reason"), TEXT_OR_NULL),
        **({"cluster": TEXT_OR_NULL} if minor >= since.CLUSTERS else {}),
    }
    return whole(of_all, of_volumes)


_SWITCHED: Final = {"host": TEXT, "service": TEXT, "binary": TEXT, "status": TEXT, "disabled": FLAG}
SERVICES: Final = many("services", _service)
SWITCHED: Final = always(whole(_SWITCHED))
DISABLED_WITH_REASON: Final = always(whole({**_SWITCHED, "disabled_reason": TEXT}))

_LEVELS: Final = whole({"host": TEXT, "binary": TEXT, "levels": WORDS})
LOG_LEVELS: Final = many("log_levels", always(_LEVELS))

_WORKER: Final = array(whole({"id": NUMBER, "host": TEXT, "binary": TEXT, "cluster_name": TEXT_OR_NULL}))
CLEANED: Final = always(whole({"cleaning": _WORKER, "unavailable": _WORKER}))

_HOST: Final = ("host_name", "service", "zone", "service-status", "service-state", "last-update")
HOSTS: Final = many("hosts", always(whole(dict.fromkeys(_HOST, TEXT))))
_RESOURCE: Final = ("host", "project", "volume_count", "total_volume_gb", "snapshot_count", "total_snapshot_gb")
HOST: Final = many("host", always(whole({"resource": whole(dict.fromkeys(_RESOURCE, TEXT))})))
HOST_SWITCHED: Final = always(whole({"host": TEXT, "status": TEXT}))

_TOLD: Final = ("vendor_name", "volume_backend_name", "pool_name", "driver_version", "storage_protocol")
CAPABILITIES: Final = always(
    whole(
        {
            "namespace": TEXT,
            **dict.fromkeys((*_TOLD, "display_name", "description", "visibility"), TEXT_OR_NULL),
            "replication_targets": array(ANYTHING),
            "properties": OBJECT,
        }
    )
)
POOLS: Final = many("pools", always(whole({"name": TEXT}, {"capabilities": OBJECT})))
ZONES: Final = many("availabilityZoneInfo", always(whole({"zoneName": TEXT, "zoneState": whole({"available": FLAG})})))
FILTERS: Final = many("resource_filters", always(whole({"resource": TEXT, "filters": array(TEXT)})))

_EXTENSION: Final = always(
    whole({**dict.fromkeys(("name", "alias", "description", "updated"), TEXT), "links": array(ANYTHING)})
)
EXTENSIONS: Final = many("extensions", _EXTENSION)
EXTENSION: Final = one("extension", _EXTENSION)
