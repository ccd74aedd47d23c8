"""Duty: compare the targets that there are with those that attachments need; and put right what is safe to put right.

Targets are looked at between two looks at the rows, so that what is being attached or detached just now is neither a
stray nor missing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lapilli.db import attachments, placed
from lapilli.db.rows import AnyRow
from lapilli.model.errors import LapilliError
from lapilli.model.protocols.targets import ShowsSessions
from lapilli.model.values import Export
from lapilli.operations import restore_exports
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.findings import Finding


@dataclass(frozen=True)
class Stray:
    """A target that no attachment needs. Where `is_ours` is false, the volume was never one of this database."""

    target: str
    volume_id: str
    is_ours: bool


@dataclass(frozen=True)
class Comparison:
    """`missing` are rows of `attachments.exported_by` whose volume has no target."""

    strays: Sequence[Stray]
    missing: Sequence[AnyRow]


def compare(desk: VolumeDesk) -> Comparison:
    """What differs now. Targets whose names are none that we would give are not looked at."""
    exported, wanted = _rows(desk)
    there = {name.lower(): name for name in desk.target.exports()}
    exported_since, wanted_since = _rows(desk)
    of_volume = {name: _volume_of(desk, name) for name in there}
    strays = {name: volume for name, volume in of_volume.items() if volume and volume not in exported | exported_since}
    with desk.db.read() as tx:
        ours = placed.known(tx, strays.values())
    still = {row.id for row in wanted}
    return Comparison(
        [Stray(there[name], volume, volume in ours) for name, volume in sorted(strays.items())],
        [row for row in wanted_since if row.id in still and desk.names.target(row.volume_id).lower() not in there],
    )


def findings(desk: VolumeDesk) -> list[Finding]:
    """The same as `compare`, in words."""
    comparison = compare(desk)
    missing = [
        Finding(
            "missing-export",
            desk.service,
            f"Attachment {row.id} has no target for its volume {row.volume_id}: its host cannot reach the volume.",
            "Have the target made again: lapilli doctor --fix",
            can_fix=True,
        )
        for row in comparison.missing
    ]
    return [*(_of_stray(desk, stray) for stray in comparison.strays), *missing]


def repair(desk: VolumeDesk) -> list[str]:
    """Make missing targets again, and remove strays that nobody is logged in to. Returns what was done, in sentences.

    To be called in the process that serves the backend: it keeps this apart from attaching and detaching.
    """
    comparison = compare(desk)
    done = []
    for row in comparison.missing:
        try:
            restore_exports.restore(desk, row)
        except LapilliError as error:  # the others may be better off
            done.append(f"The target of volume {row.volume_id} could not be made again: {error}")
        else:
            done.append(f"Volume {row.volume_id} has its target again.")
    done += [f"Target {stray.target} is gone." for stray in comparison.strays if _remove(desk, stray)]
    return done


def _of_stray(desk: VolumeDesk, stray: Stray) -> Finding:
    whose = f"No attachment needs target {stray.target}"
    if not stray.is_ours:
        return Finding(
            "foreign-target",
            desk.service,
            f"{whose}, and this database has never had its volume: another service may have made it.",
            "If no other service uses this prefix on this machine, remove it by hand; else set another target_prefix.",
            is_problem=False,
        )
    users = _sessions(desk, stray)
    if users:
        return Finding(
            "stale-target",
            desk.service,
            f"{whose}, but {', '.join(sorted(users))} is logged in to it.",
            "Log out on that host; then: lapilli doctor --fix",
        )
    if users is None:
        return Finding(
            "stale-target",
            desk.service,
            f"{whose}; whether a host is logged in to it is not known: this machine's target does not say it.",
            "If no host uses it, remove it by hand.",
        )
    return Finding("stale-target", desk.service, f"{whose}.", "Have it removed: lapilli doctor --fix", can_fix=True)


def _remove(desk: VolumeDesk, stray: Stray) -> bool:
    with desk.turns.taken(stray.volume_id):
        with desk.db.read() as tx:
            is_needed = attachments.find_export(tx, stray.volume_id) is not None
        # Where it cannot be seen whether somebody is logged in, somebody is.
        if is_needed or not stray.is_ours or _sessions(desk, stray) is None or _sessions(desk, stray):
            return False
        # Its row has gone, and with it all but the name.
        desk.target.unexport(Export(stray.volume_id, stray.target, 0, "", 0, "", ""))
        return True


def _sessions(desk: VolumeDesk, stray: Stray) -> Sequence[str] | None:
    """Who is logged in to the target; None where the target cannot tell."""
    return desk.target.sessions(stray.target) if isinstance(desk.target, ShowsSessions) else None


def _rows(desk: VolumeDesk) -> tuple[set[str], Sequence[AnyRow]]:
    with desk.db.read() as tx:
        wanted = attachments.exported_by(tx, desk.service)
        return placed.exported(tx), [row for row in wanted if row.attached_at is not None]


def _volume_of(desk: VolumeDesk, target: str) -> str | None:
    """The id of the volume whose target has this name, in whatever case."""
    pattern = re.escape(desk.names.target("%s")).replace("%s", "(.+)")
    found = re.fullmatch(pattern, target, re.IGNORECASE)
    return found[1].lower() if found else None
