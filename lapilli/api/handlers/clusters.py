"""Clusters: list, show, enable, disable."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import microversions as since
from lapilli.api.formats import BOOL
from lapilli.api.paging import flag
from lapilli.api.request import Parameter, Reply, Request
from lapilli.api.views import clusters as views
from lapilli.db import clusters
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed

_VOLUME: Final = "cinder-volume"
_FILTERS: Final[Mapping[str, Callable[[AnyRow, Mapping[str, str]], bool]]] = {
    "name": lambda row, query: row.name == query["name"],
    "binary": lambda row, query: row.binary == query["binary"],
    "is_up": lambda row, query: views.is_up(row) is flag(query, "is_up"),
    "disabled": lambda row, query: row.disabled is flag(query, "disabled"),
    "num_hosts": lambda row, query: row.num_hosts == _number(query, "num_hosts"),
    "num_down_hosts": lambda row, query: row.num_down_hosts == _number(query, "num_down_hosts"),
    "replication_status": lambda row, query: row.replication_status == query["replication_status"],
    "frozen": lambda row, query: row.frozen is flag(query, "frozen"),
    "active_backend_id": lambda row, query: row.active_backend_id == query["active_backend_id"],
}
_LATER: Final = {"replication_status", "frozen", "active_backend_id"}
_FLAGS: Final = {"is_up", "disabled", "frozen"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_SHAPES: Final[Mapping[str, Mapping[str, Any]]] = {
    **dict.fromkeys(_FLAGS, BOOL),
    **dict.fromkeys(("num_hosts", "num_down_hosts"), _COUNT),
}
LISTED: Final = tuple(
    Parameter(name, _SHAPES.get(name, {"type": "string"}), since.CLUSTER_REPLICATION if name in _LATER else 0)
    for name in _FILTERS
)


def index(request: Request) -> Reply:
    """List clusters."""
    return Reply({"clusters": [views.summary(request, row) for row in _list(request)]})


def detail(request: Request) -> Reply:
    """List clusters with their details."""
    return Reply({"clusters": [views.details(request, row) for row in _list(request)]})


def _list(request: Request) -> list[AnyRow]:
    request.enforce("clusters:get_all")
    known = _FILTERS.keys() - (_LATER if request.minor < since.CLUSTER_REPLICATION else set())
    unknown = sorted(request.query.keys() - known)
    if unknown:
        raise Malformed(f"Clusters cannot be filtered by {', '.join(unknown)}; filter by {', '.join(sorted(known))}.")
    for name in _FLAGS & request.query.keys():
        flag(request.query, name)
    with request.around.db.read() as tx:
        rows = clusters.list_all(tx, request.around.service_down_time_s)
    return [row for row in rows if all(_FILTERS[name](row, request.query) for name in request.query)]


def _number(query: Mapping[str, str], name: str) -> int:
    if not (query[name].isascii() and query[name].isdigit()):
        raise Malformed(f"{name} must be a whole number, not {query[name]!r}.")
    return int(query[name])


def show(request: Request, name: str) -> Reply:
    """Show a cluster of volume services."""
    request.enforce("clusters:get")
    with request.around.db.read() as tx:
        row = clusters.get(tx, name, _VOLUME, request.around.service_down_time_s)
    return Reply({"cluster": views.details(request, row)})


def enable(request: Request) -> Reply:
    """Let a cluster take new volumes. Why it did not is forgotten."""
    return _switch(request, disabled=False, disabled_reason=None)


def disable(request: Request) -> Reply:
    """Give a cluster no new volumes."""
    return _switch(request, disabled=True, disabled_reason=request.body.get("disabled_reason"))


def _switch(request: Request, **values: Any) -> Reply:
    request.enforce("clusters:update")
    name, binary = request.body["name"], request.body.get("binary") or _VOLUME

    def change(tx: Connection) -> AnyRow:
        clusters.change(tx, name, binary, **values)
        return clusters.get(tx, name, binary, request.around.service_down_time_s)

    return Reply({"cluster": views.switched(request, request.around.db.write(change))})
