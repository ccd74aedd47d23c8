"""Cleaning up after services that ended badly. Operations resume by themselves, so there is nothing to clean."""

from typing import Any

from lapilli.api.formats import to_bool
from lapilli.api.request import Reply, Request
from lapilli.api.views.services import is_up
from lapilli.db import services
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed
from lapilli.operations.desks import SCHEDULER_QUEUE, volume_queue

_CLEANED = ("cinder-volume", "cinder-scheduler")


def cleanup(request: Request) -> Reply:
    """Wake the services that are up, so that they look at once, and tell those that are down."""
    request.enforce("workers:cleanup")
    if request.body.get("resource_id") and not request.body.get("resource_type"):
        raise Malformed("Give the resource_type of resource_id: Volume or Snapshot.")
    with request.around.db.read() as tx:
        rows = [row for row in services.list_all(tx) if row.binary in _CLEANED and _is_meant(request, row)]
    able = [row for row in rows if is_up(request, row)]
    request.around.wake.ring(
        *(SCHEDULER_QUEUE if row.binary == "cinder-scheduler" else volume_queue(row.host) for row in able)
    )
    unable = [row for row in rows if row not in able]
    return Reply({"cleaning": [_view(row) for row in able], "unavailable": [_view(row) for row in unable]})


def _is_meant(request: Request, row: AnyRow) -> bool:
    asked = request.body
    wanted = {name: asked[name] for name in ("host", "binary", "cluster_name") if asked.get(name)}
    if any(getattr(row, name) != value for name, value in wanted.items()):
        return False
    if "service_id" in asked and row.id != int(asked["service_id"]):
        return False
    flags = {"is_up": is_up(request, row), "disabled": row.disabled}
    return all(to_bool(asked[name]) is truth for name, truth in flags.items() if name in asked)


def _view(row: AnyRow) -> dict[str, Any]:
    return {"id": row.id, "host": row.host, "binary": row.binary, "cluster_name": row.cluster_name}
