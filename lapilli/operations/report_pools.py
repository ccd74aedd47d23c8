"""Duty: write what a backend's pools say about themselves, or what keeps the backend from working."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.db import pools
from lapilli.model.errors import LapilliError
from lapilli.model.protocols.storage import PoolReport, SnapshotsGroups
from lapilli.operations.desks import VolumeDesk
from lapilli.scheduler.capacity import why_closed

_log = logging.getLogger(__name__)

_WHY_CLOSED: Final = "why_closed"
"""The fact that says why a thin pool takes nothing more; a pool that does has it not."""


def run(desk: VolumeDesk, facts: Mapping[str, Any]) -> str | None:
    """Check driver and target, and write their report. Returns what is wrong, or None.

    `facts` are capabilities of the backend as a whole, such as `volume_backend_name`.
    """
    try:
        desk.driver.check()
        desk.target.check()
        # Before the pools are asked: what is placed in between may or may not be missing from what they say.
        with desk.db.read() as tx:
            before = pools.allocations(tx)
        reports = desk.driver.report()
    except LapilliError as error:
        return str(error)

    if isinstance(desk.driver, SnapshotsGroups):
        facts = {**facts, "consistent_group_snapshot_enabled": True}

    def write(tx: Connection) -> dict[str, str | None]:
        turned = {}
        for report in reports:
            name, capabilities = f"{desk.service}#{report.name}", _capabilities(report)
            why = capabilities.get(_WHY_CLOSED)
            if bool(why) != bool(pools.fact(tx, name, _WHY_CLOSED)):
                turned[name] = why
            pools.report(tx, name, report, {**facts, **capabilities}, before.get(report.account, 0))
        pools.forget_others(tx, desk.service, [f"{desk.service}#{report.name}" for report in reports])
        return turned

    for name, why in desk.db.write(write).items():
        _tell(name, why)
    return None


def _tell(name: str, why: str | None) -> None:
    """A line for each time that a pool closes or opens."""
    if why is None:
        _log.warning("pool %s takes volumes again", name)
    else:
        _log.warning("pool %s takes no more volumes: %s. Delete some, or give it more space.", name, why)


def _capabilities(report: PoolReport) -> dict[str, Any]:
    reserved = int(report.capabilities.get("reserved_percentage", 0))
    why = why_closed(report.total_gib, report.free_gib, reserved, report.capabilities) if report.thin else None
    return {
        "pool_name": report.name,
        "thin_provisioning_support": report.thin,
        "thick_provisioning_support": report.thick,
        **report.capabilities,
        **({_WHY_CLOSED: why} if why else {}),
    }
