"""How services look."""

from datetime import UTC, datetime
from typing import Any

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.db.rows import AnyRow


def is_up(request: Request, row: AnyRow) -> bool:
    """Whether the service was heard of lately. A heartbeat of the future is a clock that was set back."""
    return bool(abs(row.age_s) <= request.around.service_down_time_s)


def details(request: Request, row: AnyRow) -> dict[str, Any]:
    """A service in the list."""
    view = {
        "binary": row.binary,
        "host": row.host,
        "zone": row.availability_zone,
        "status": "disabled" if row.disabled else "enabled",
        "state": "up" if is_up(request, row) and not _is_idle(row) else "down",
        "updated_at": max(time_text(row.heartbeat_s), row.updated_at or ""),
        "disabled_reason": row.disabled_reason,
    }
    if request.minor >= since.CLUSTERS:
        view["cluster"] = row.cluster_name
    if row.binary == "cinder-volume":
        view["replication_status"] = row.replication_status or "disabled"
        view["active_backend_id"] = row.active_backend_id
        view["frozen"] = row.frozen
        if request.minor >= since.BACKEND_STATE:
            view["backend_state"] = row.backend_state
    return view


def _is_idle(row: AnyRow) -> bool:
    """A backup service whose store is in trouble does nothing; a volume service says it by `backend_state`."""
    return row.binary == "cinder-backup" and row.trouble is not None


def time_text(epoch_s: float) -> str:
    """Seconds since 1970 as the wire spells times."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
