"""The disks of this machine, as LVM may see them: none that holds the bytes of somebody's volume.

A machine that serves volumes may have volumes attached, too, its own among them. What is in them is a guest's, who may
write there what LVM takes for a volume group of ours; and whose target has gone keeps every reader waiting for minutes.
"""

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

_BLOCK: Final = Path("/sys/class/block")
_NUMBERS: Final = Path("/sys/dev/block")
_SESSIONS: Final = Path("/sys/class/iscsi_session")
_SESSION: Final = re.compile(r"/(session\d+)/")
# Targets that are made for one volume each have its id in their names. What only stands for a machine or an array has
# `uuid:` before it, as the NVMe standard has it.
_OF_A_VOLUME: Final = re.compile(r"(?<!uuid:)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def readable(groups: Collection[str]) -> list[str]:
    """The paths of all disks and partitions but those of volumes, and those on logical volumes of these groups.

    A map has two, of which LVM may know either.
    """
    there = sorted(each for each in _BLOCK.iterdir() if _read(each / "size") != "0" and not _is_logical(each))
    fit = [each for each in there if not _has_volume(each, groups)]
    maps = [f"/dev/mapper/{name}" for each in fit if (name := _read(each / "dm/name"))]
    return [*(f"/dev/{each.name.replace('!', '/')}" for each in fit), *maps]


def has_volume(path: str, groups: Collection[str]) -> bool:
    """Whether the device holds the bytes of a volume, or lies on a logical volume of these groups."""
    found = _found(path)
    return found is not None and _has_volume(found, groups)


def identity(path: str) -> str:
    """What tells the disk at this path from the next one that gets its name; empty if there is none."""
    found = _found(path)
    try:
        # The number of its directory is another one when it was taken away and came back. Of a loop device, which
        # stays, `diskseq` says that there is something else in it (kernel 5.15 and later).
        return f"{found.stat().st_ino}/{_read(found / 'diskseq') or _read(found / '../diskseq')}" if found else ""
    except OSError:
        return ""


def _found(path: str) -> Path | None:
    """Its directory in sysfs."""
    try:
        number = Path(path).stat().st_rdev
    except OSError:
        return None
    return _NUMBERS / f"{os.major(number)}:{os.minor(number)}"


def _has_volume(disk: Path, groups: Collection[str]) -> bool:
    if _is_logical(disk):
        return any(_read(disk / "dm/name").startswith(f"{group.replace('-', '--')}-") for group in groups)
    if _OF_A_VOLUME.search(_target(disk)):
        return True
    return any(_has_volume(each, groups) for each in _beneath(disk))


def _is_logical(disk: Path) -> bool:
    """Whether it is a logical volume, of whatever group."""
    return _read(disk / "dm/uuid").startswith("LVM-")


def _target(disk: Path) -> str:
    """The name of the iSCSI target or of the NVMe subsystem that the disk comes from; empty if it comes from none."""
    if session := _SESSION.search(os.path.realpath(disk)):
        return _read(_SESSIONS / session[1] / "targetname")
    return _read(disk / "device/subsysnqn")


def _beneath(disk: Path) -> Iterator[Path]:
    """What it is made of: the disk of a partition, the parts of a map, the device in a loop device."""
    if (disk / "partition").exists():
        yield Path(os.path.realpath(disk)).parent
    if (disk / "slaves").is_dir():
        yield from (disk / "slaves").iterdir()
    inside = _read(disk / "loop/backing_file")
    if inside.startswith("/dev/") and (found := _found(inside)):
        yield found


def _read(path: Path) -> str:
    """What the file says; empty if there is none, or no more."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
