"""Availability zones: where the volume services say they are."""

from lapilli.api.request import Reply, Request
from lapilli.db import services


def index(request: Request) -> Reply:
    """List the zones. One is available unless all its services are disabled."""
    available: dict[str, bool] = {}
    with request.around.db.read() as tx:
        for row in services.list_all(tx, binary="cinder-volume"):
            zone = row.availability_zone
            available[zone] = available.get(zone, False) or not row.disabled
    zones = [{"zoneName": name, "zoneState": {"available": available[name]}} for name in sorted(available)]
    return Reply({"availabilityZoneInfo": zones})
