"""The pools of all backends, as the scheduler sees them."""

from typing import Any, Final

from lapilli.api import microversions as since
from lapilli.api import paging
from lapilli.api.formats import BOOL
from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.resource_filters import FILTERS
from lapilli.api.views.services import time_text
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed
from lapilli.operations import show_pools
from lapilli.operations.placement import capabilities

LISTED: Final = (
    Parameter("detail", BOOL),
    *(Parameter(name, since=FILTERS["pool"].since.get(name, since.POOL_FILTERS)) for name in FILTERS["pool"].names),
)


def index(request: Request) -> Reply:
    """List the pools that can take volumes, by name or with their capabilities."""
    request.enforce("scheduler_extension:scheduler_stats:get_pools")
    shows_details = paging.flag(request.query, "detail")
    wanted = _wanted(request)
    volume_type = wanted.pop("volume_type", None)
    with request.around.db.read() as tx:
        rows = show_pools.open_pools(tx, request.around.service_down_time_s)
        if volume_type is not None:
            rows = show_pools.of_type(tx, rows, volume_type)
    rows = [row for row in rows if show_pools.has(row, wanted)]
    return Reply({"pools": [_details(row) if shows_details else {"name": row.name} for row in rows]})


def _wanted(request: Request) -> dict[str, str]:
    """The filters. From 3.31 even an administrator may use only those of the table."""
    if request.minor < since.POOL_FILTERS:
        return {}
    allowed = FILTERS["pool"]
    asked = {
        name: value
        for name, value in request.query.items()
        if name != "detail" and allowed.since.get(name, 0) <= request.minor
    }
    unknown = sorted(asked.keys() - allowed.names)
    if unknown and request.minor >= since.CHECKED_FILTERS:
        raise Malformed(f"Invalid filters {', '.join(unknown)} are found in query options.")
    return asked


def _details(row: AnyRow) -> dict[str, Any]:
    shown = {**capabilities(row), "timestamp": time_text(row.reported_s)}
    protocol = shown.get("storage_protocol")
    if isinstance(protocol, list):
        # The other spellings are for extra specs.
        shown["storage_protocol"] = protocol[0]
    return {"name": row.name, "capabilities": shown}
