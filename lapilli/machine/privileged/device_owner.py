"""Device nodes of logical volumes, given to the ordinary user who reads and writes the volumes' bytes."""

import fnmatch
import os
import pwd
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from lapilli.machine.files import faults
from lapilli.machine.run import run
from lapilli.model.errors import Malformed

_RULES: Final = Path("/run/udev/rules.d/90-lapilli.rules")
_UDEV: Final = Path("/run/udev/control")
_MAPPER: Final = Path("/dev/mapper")
# What udev, or the pattern in a rule of its, would take for something else than itself.
_SPECIAL: Final = re.compile(r'[\\"*?\[\]|$%\n]')


def patterns(*templates: str) -> tuple[str, ...]:
    """The names that name templates such as `volume-%s` can have on LVM, as shell patterns."""
    return tuple(dict.fromkeys(_pattern(template) for template in templates))


def _pattern(template: str) -> str:
    return "*".join(_SPECIAL.sub("?", part) for part in template.split("%s"))


def hand_over(user: pwd.struct_passwd, groups: Sequence[str], names: Sequence[str]) -> Callable[[], None]:
    """Give the user the nodes of the logical volumes of these volume groups whose names match, now and later.

    With udev that is a rule, which lasts as long as the machine runs. Without it the nodes are given now; what is
    returned gives those that have come since, and has to be called again.
    """
    for name in (*groups, user.pw_name):
        if _SPECIAL.search(name):
            raise Malformed(f"{name!r} cannot stand in a rule of udev.")
    if _UDEV.exists():
        _tell_udev(user, groups, names)
        return lambda: None

    def give() -> None:
        _give(user, groups, names)

    give()
    return give


def _tell_udev(user: pwd.struct_passwd, groups: Sequence[str], names: Sequence[str]) -> None:
    lines = [
        f'SUBSYSTEM=="block", ENV{{DM_VG_NAME}}=="{group}", ENV{{DM_LV_NAME}}=="{"|".join(names)}", '
        f'ENV{{DM_LV_LAYER}}=="", OWNER="{user.pw_name}"\n'
        for group in groups
    ]
    with faults(_RULES):
        _RULES.parent.mkdir(parents=True, exist_ok=True)
        _RULES.write_text("".join(lines))
    run(["udevadm", "control", "--reload"])
    for group in groups:
        run(
            ["udevadm", "trigger", "--action=change", "--subsystem-match=block", f"--property-match=DM_VG_NAME={group}"]
        )
    run(["udevadm", "settle"])


def _give(user: pwd.struct_passwd, groups: Sequence[str], names: Sequence[str]) -> None:
    with faults(_MAPPER):
        for path in _MAPPER.glob("*"):
            if any(is_of(path.name, group, names) for group in groups):
                _give_node(path, user)


def is_of(mapped: str, group: str, names: Sequence[str]) -> bool:
    """Whether the name, in which hyphens are doubled but for the one between group and volume, is of the group."""
    prefix = group.replace("-", "--") + "-"
    volume = mapped.removeprefix(prefix)
    if volume == mapped or re.search(r"(?<!-)(--)*-(?!-)", volume):
        return False  # of another group, or an inner part of a volume: a third name follows
    return any(fnmatch.fnmatchcase(volume.replace("--", "-"), pattern) for pattern in names)


def _give_node(path: Path, user: pwd.struct_passwd) -> None:
    try:
        if path.stat().st_uid != user.pw_uid:
            os.chown(path, user.pw_uid, -1)
    except FileNotFoundError:
        pass  # removed meanwhile
