"""How much room a volume group or its thin pool has."""

import socket
from collections.abc import Mapping
from typing import Any, Final

from lapilli.drivers.lvm.group import LvmGroup
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.machine.lvm.reports import LogicalVolume, VolumeGroup
from lapilli.model.errors import BackendFailed
from lapilli.model.protocols.storage import PoolReport
from lapilli.model.values import GIB

_BROKEN: Final = {
    "failed": "has failed. Detach its volumes, then `lvconvert --repair {pool}`",
    "metadata_read_only": "has stopped to keep what it has, for its metadata is full or damaged. Give it room with "
    "`lvextend --poolmetadatasize +128m {pool}`; if that does not help, detach its volumes and "
    "`lvconvert --repair {pool}`",
}


def thick_report(
    name: str, group: VolumeGroup, there: Mapping[str, LogicalVolume], settings: LvmSettings
) -> PoolReport:
    """What the group has for thick volumes: all but its thin pools. Mirrors take their part of it."""
    pools = sum(each.size_bytes for each in there.values() if each.is_pool)
    copies = settings.lvm_mirrors + 1
    return PoolReport(
        name=name,
        account=group.uuid,
        total_gib=(group.size_bytes - pools) / copies / GIB,
        free_gib=group.free_bytes / copies / GIB,
        thin=False,
        thick=True,
        capabilities={**_facts(settings), "snapshots_take_space": True},
    )


def thin_report(name: str, group: VolumeGroup, pool: LogicalVolume, settings: LvmSettings) -> PoolReport:
    """What the thin pool has. How full its metadata are is a fact beside its room."""
    return PoolReport(
        name=name,
        # A thick backend of the same group has what is left of it beside the pool.
        account=f"{group.uuid}/{pool.name}",
        total_gib=pool.size_bytes / GIB,
        free_gib=pool.size_bytes * (1 - pool.data_percent / 100) / GIB,
        thin=True,
        capabilities={
            **_facts(settings, "thin"),
            "thin_pool_data_percent": pool.data_percent,
            "thin_pool_metadata_percent": pool.metadata_percent,
        },
    )


def check_health(group: LvmGroup, pool: LogicalVolume) -> None:
    """Raise `BackendFailed` if the pool must not be written to."""
    if pool.health in _BROKEN:
        name = f"{group.name}/{pool.name}"
        raise BackendFailed(f"The thin pool {name} {_BROKEN[pool.health].format(pool=name)}; see lvmthin(7).")


def _facts(settings: LvmSettings, kind: str = "default") -> dict[str, Any]:
    place = (socket.gethostname(), settings.volume_group, kind, str(settings.lvm_mirrors))
    return {
        "reserved_percentage": settings.reserved_percentage,
        "max_over_subscription_ratio": settings.max_over_subscription_ratio,
        "volume_group": settings.volume_group,
        "location_info": f"LVMVolumeDriver:{':'.join(place)}",
    }
