"""Hosts: the services by where they run, and what each project has there."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.views.services import is_up, time_text
from lapilli.db import services, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import NotFound

_RULE: Final = "volume_extension:hosts"
LISTED: Final = (Parameter("zone"),)


def index(request: Request) -> Reply:
    """List the hosts of the services that are enabled, all or those of a zone."""
    request.enforce(_RULE)
    zone = request.query.get("zone")
    with request.around.db.read() as tx:
        rows = [row for row in services.list_all(tx) if not row.disabled and zone in {None, row.availability_zone}]
    return Reply({"hosts": [_view(request, row) for row in rows]})


def _view(request: Request, row: AnyRow) -> dict[str, Any]:
    up = is_up(request, row)
    return {
        "host_name": row.host,
        "service": row.binary,
        "zone": row.availability_zone,
        "service-status": "available" if up else "unavailable",
        "service-state": "enabled",
        "last-update": time_text(row.heartbeat_s),
    }


def show(request: Request, host: str) -> Reply:
    """Show what is on a host (`node` or `node@backend`): in all, and by project. All numbers are texts."""
    request.enforce(_RULE)
    with request.around.db.read() as tx:
        if not services.list_all(tx, host=host):
            raise NotFound("Host", host)
        projects = volumes.usage_on(tx, host)
    total = [sum(column) for column in zip(*(row[1:] for row in projects), strict=True)] or [0, 0, 0, 0]
    return Reply({"host": [_resource(host, row) for row in (("(total)", *total), *projects)]})


def _resource(host: str, row: Sequence[Any]) -> dict[str, Any]:
    project, volume_count, volumes_gib, snapshot_count, snapshots_gib = row
    return {
        "resource": {
            "host": host,
            "project": project,
            "volume_count": str(volume_count),
            "total_volume_gb": str(volumes_gib),
            "snapshot_count": str(snapshot_count),
            "total_snapshot_gb": str(snapshots_gib),
        }
    }


def update(request: Request, host: str) -> Reply:
    """Let the services of a host take new work, or give them none."""
    request.enforce(_RULE)
    disabled = request.body["status"].strip().lower() == "disable"

    def switch(tx: Connection) -> None:
        rows = services.list_all(tx, host=host)
        if not rows:
            raise NotFound("Host", host)
        for row in rows:
            services.change(tx, row.binary, row.host, disabled=disabled)

    request.around.db.write(switch)
    return Reply({"host": host, "status": "disabled" if disabled else "enabled"})
