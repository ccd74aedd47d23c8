"""How volumes and snapshots are called as logical volumes, and what else lies beside them.

LVM keeps names that begin with `snapshot` for itself: `snapshot-<uuid>` is `_snapshot-<uuid>`, as with Cinder.
"""

import re
from collections.abc import Iterable
from typing import Final

from lapilli.machine.lvm.lvm import check_name

OWN: Final = "lapilli."
"""How the names of what lies beside volumes begin."""
_ASIDE: Final = re.compile(r"lapilli\.gone(\d+)\.(.+)")


def lv_name(name: str) -> str:
    """The logical volume of a volume or snapshot; `Malformed` for a name that none can have."""
    if name.startswith(OWN):
        check_name("")
    return check_name(f"_{name}" if name.startswith("snapshot") else name)


def name_of(lv: str) -> str:
    """The name of the volume or snapshot that is this logical volume."""
    return lv[1:] if lv.startswith("_snapshot") else lv


def is_own(lv: str) -> bool:
    """Whether it is one of those below, which are neither volumes nor snapshots."""
    return lv.startswith(OWN)


def kept_source(lv: str) -> str:
    """A snapshot of what is copied into `lv`, while it is copied."""
    return f"{OWN}of.{lv}"


def replacement(lv: str) -> str:
    """What is to take the place of `lv`."""
    return f"{OWN}to.{lv}"


def is_aside(lv: str) -> bool:
    """Whether it has been deleted, and is still to be wiped."""
    return _ASIDE.fullmatch(lv) is not None


def last_aside(lv: str, there: Iterable[str]) -> str | None:
    """What was deleted last under the name `lv`, of all that is there; None if nothing was."""
    numbers = _numbers(lv, there)
    return f"{OWN}gone{max(numbers)}.{lv}" if numbers else None


def next_aside(lv: str, there: Iterable[str]) -> str:
    """A free name for what is being deleted under the name `lv`."""
    return f"{OWN}gone{max(_numbers(lv, there), default=0) + 1}.{lv}"


def _numbers(lv: str, there: Iterable[str]) -> list[int]:
    found = [_ASIDE.fullmatch(each) for each in there]
    return [int(each[1]) for each in found if each and each[2] == lv]
