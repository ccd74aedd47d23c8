"""Limits: how much a project may have, and how much it has."""

from typing import Final

from lapilli.api import microversions as since
from lapilli.api.request import Parameter, Reply, Request
from lapilli.db import quotas

_MOST: Final = {
    "volumes": "maxTotalVolumes",
    "snapshots": "maxTotalSnapshots",
    "gigabytes": "maxTotalVolumeGigabytes",
    "backups": "maxTotalBackups",
    "backup_gigabytes": "maxTotalBackupGigabytes",
}
_USED: Final = {
    "volumes": "totalVolumesUsed",
    "snapshots": "totalSnapshotsUsed",
    "gigabytes": "totalGigabytesUsed",
    "backups": "totalBackupsUsed",
    "backup_gigabytes": "totalBackupGigabytesUsed",
}

SHOWN: Final = tuple(Parameter(name, since=since.LIMITS_OF_OTHERS) for name in ("project_id", "tenant_id"))


def show(request: Request) -> Reply:
    """Show the limits of the project, and how much of them is used."""
    project_id = _project(request)
    rules = request.around.rules
    with request.around.db.read() as tx:
        limits = quotas.limits(tx, project_id, rules.quota)
        used = quotas.usage(tx, project_id, snapshots_count=rules.snapshots_use_gigabytes)
    absolute = {name: limits[resource] for resource, name in _MOST.items() if resource in limits}
    if request.allows("limits_extension:used_limits", {"project_id": project_id}):
        absolute |= {name: used.get(resource, 0) for resource, name in _USED.items()}
    return Reply({"limits": {"rate": [], "absolute": absolute}})


def _project(request: Request) -> str:
    """The caller's project, or the one that an administrator asks for."""
    if not (request.caller.is_admin and request.minor >= since.LIMITS_OF_OTHERS):
        return request.caller.project_id
    return request.query.get("project_id") or request.query.get("tenant_id") or request.caller.project_id
