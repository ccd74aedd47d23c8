"""Duty: write what a backend's pools say about themselves, or what keeps the backend from working."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lapilli.db import pools
from lapilli.model.errors import LapilliError
from lapilli.model.protocols.storage import PoolReport, SnapshotsGroups
from lapilli.operations.desks import VolumeDesk


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

    def write(tx: Connection) -> None:
        for report in reports:
            name = f"{desk.service}#{report.name}"
            pools.report(tx, name, report, {**facts, **_capabilities(report)}, before.get(report.account, 0))
        pools.forget_others(tx, desk.service, [f"{desk.service}#{report.name}" for report in reports])

    desk.db.write(write)
    return None


def _capabilities(report: PoolReport) -> dict[str, Any]:
    return {
        "pool_name": report.name,
        "thin_provisioning_support": report.thin,
        "thick_provisioning_support": report.thick,
        **report.capabilities,
    }
