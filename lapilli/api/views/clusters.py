"""How clusters look. What is not set is an empty text in times, and null elsewhere."""

from typing import Any, Final

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.api.views.services import time_text
from lapilli.api.views.shapes import FLAG, NUMBER, TEXT, TEXT_OR_NULL, Shape, many, one, whole
from lapilli.db.rows import AnyRow


def _summary(minor: int) -> dict[str, Shape]:
    shape: dict[str, Shape] = dict.fromkeys(("name", "binary", "state", "status"), TEXT)
    if minor >= since.CLUSTER_REPLICATION:
        shape["replication_status"] = TEXT_OR_NULL
    return shape


def _details(minor: int) -> Shape:
    counts = {"num_hosts": NUMBER, "num_down_hosts": NUMBER, "disabled_reason": TEXT_OR_NULL}
    times = dict.fromkeys(("last_heartbeat", "created_at", "updated_at"), TEXT)
    later = {"frozen": FLAG, "active_backend_id": TEXT_OR_NULL} if minor >= since.CLUSTER_REPLICATION else {}
    return whole({**_summary(minor), **counts, **times, **later})


SUMMARIES: Final = many("clusters", lambda minor: whole(_summary(minor)))
DETAILS: Final = many("clusters", _details)
CLUSTER: Final = one("cluster", _details)
SWITCHED: Final = one("cluster", lambda minor: whole({**_summary(minor), "disabled_reason": TEXT_OR_NULL}))


def is_up(row: AnyRow) -> bool:
    """Whether one of its services is up."""
    return bool(row.num_hosts > row.num_down_hosts)


def summary(request: Request, row: AnyRow) -> dict[str, Any]:
    """A cluster in the short list."""
    view = {
        "name": row.name,
        "binary": row.binary,
        "state": "up" if is_up(row) else "down",
        "status": "disabled" if row.disabled else "enabled",
    }
    if request.minor >= since.CLUSTER_REPLICATION:
        view["replication_status"] = row.replication_status
    return view


def details(request: Request, row: AnyRow) -> dict[str, Any]:
    """A cluster with all that is known of it."""
    view = summary(request, row) | {
        "num_hosts": row.num_hosts,
        "num_down_hosts": int(row.num_down_hosts),
        "last_heartbeat": time_text(row.heartbeat_s) if row.heartbeat_s else "",
        "created_at": row.created_at,
        "updated_at": row.updated_at or "",
        "disabled_reason": row.disabled_reason,
    }
    if request.minor >= since.CLUSTER_REPLICATION:
        view |= {"frozen": row.frozen, "active_backend_id": row.active_backend_id}
    return view


def switched(request: Request, row: AnyRow) -> dict[str, Any]:
    """The answer to enable and disable."""
    return {**summary(request, row), "disabled_reason": row.disabled_reason}
