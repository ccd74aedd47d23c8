"""Compare what is on a backend's storage with the volumes and snapshots that should be there. Nothing is changed.

The storage is looked at between two looks at the rows, so that what is being made or deleted just now is not found.
"""

import re
from collections.abc import Iterator
from typing import Final

from lapilli.db import placed
from lapilli.db.placed import Placed
from lapilli.db.rows import AnyRow
from lapilli.model.protocols.storage import Existing, ManagesExisting
from lapilli.model.states import MIGRATING, SNAPSHOT, VOLUME
from lapilli.model.values import GIB, Location
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.findings import Finding

# In these nothing can be said of the bytes: they were never made, or are half gone.
_ID: Final = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_BROKEN: Final = frozenset({"error", "error_deleting", "error_managing", "deleted"})


def findings(desk: VolumeDesk, shares: frozenset[str]) -> list[Finding]:
    """What is there and should not be, and the other way round. `shares` are the services with the same storage."""
    if not isinstance(desk.driver, ManagesExisting):
        return []
    before = _rows(desk)
    there = {each.name: each for each in desk.driver.existing()}
    after = _rows(desk)
    return [*_orphans(desk, there, before, after, shares | {desk.service}), *_missing(desk, there, before, after)]


def _orphans(
    desk: VolumeDesk, there: dict[str, Existing], before: Placed, after: Placed, shares: frozenset[str]
) -> Iterator[Finding]:
    for name, existing in sorted(there.items()):
        kind, of = _meaning(desk, name)
        if kind == "volume":
            rows = [row for rows in (before, after) if (row := rows.volumes.get(of)) is not None]
            is_expected = any(_service(place) in shares for row in rows for place in (row.host, row.destination))
        elif kind == "snapshot":
            rows = [row for rows in (before, after) if (row := rows.snapshots.get(of)) is not None]
            is_known = any(row.host is not None and _service(row.host) in shares for row in rows)
            is_expected = is_known or of in before.of_backups | after.of_backups
        else:
            continue
        if is_expected:
            continue
        elsewhere = (
            f"by its row it is on {rows[-1].host or 'no backend'}" if rows else "the database has none of that id"
        )
        yield Finding(
            f"orphan-{kind}",
            desk.service,
            f"{name} ({existing.size_bytes / GIB:g} GiB) is on the storage, but {elsewhere}.",
            f"If its bytes are wanted: cinder manage {desk.service}#POOL {name} (if refused: rename it first). "
            "If not, remove it by hand.",
        )


def _missing(desk: VolumeDesk, there: dict[str, Existing], before: Placed, after: Placed) -> Iterator[Finding]:
    for kind, states, rows, earlier, name_of in (
        ("volume", VOLUME, after.volumes, before.volumes, desk.names.volume),
        ("snapshot", SNAPSHOT, after.snapshots, before.snapshots, desk.names.snapshot),
    ):
        unsure = states.transient | _BROKEN
        for of, row in sorted(rows.items()):
            is_settled = row == earlier.get(of) and row.status not in unsure and not _moves(row)
            if not is_settled or row.host is None or _service(row.host) != desk.service:
                continue
            existing = there.get(name_of(of))
            if existing is None:
                yield Finding(
                    f"missing-{kind}",
                    desk.service,
                    f"The {kind} {of} is {row.status}, but {name_of(of)} is not on the storage.",
                    "Look whether its disks are there, and who has removed or renamed it. If it is lost: "
                    f"cinder {'' if kind == 'volume' else 'snapshot-'}reset-state --state error {of}, and delete it.",
                )
            elif existing.size_bytes < row.size_gib * GIB:
                yield Finding(
                    f"small-{kind}",
                    desk.service,
                    f"The {kind} {of} has {row.size_gib} GiB, but {name_of(of)} has {existing.size_bytes / GIB:g}.",
                    "Extending it once makes both agree; look first at who has made it smaller.",
                )


def _moves(row: AnyRow) -> bool:
    return getattr(row, "migration_status", None) in MIGRATING


def _service(place: str | None) -> str | None:
    return Location.parse(place).service if place else None


def _meaning(desk: VolumeDesk, name: str) -> tuple[str | None, str]:
    """Whether the name is a volume's or a snapshot's, and of which id."""
    for kind, template in (("volume", desk.names.volume_template), ("snapshot", desk.names.snapshot_template)):
        found = re.fullmatch(re.escape(template).replace("%s", _ID), name)
        if found:
            return kind, found[1]
    return None, ""


def _rows(desk: VolumeDesk) -> Placed:
    with desk.db.read() as tx:
        return placed.everything(tx)
