"""On which disks a volume group lies.

LVM reads every disk it may, for each command. Told of a group's own disks it reads these alone; why that is needed, and
why it is told in this way, is in `docs/decisions/011-lvm-is-told-its-disks.md`.
"""

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from lapilli.machine.lvm import disks
from lapilli.machine.lvm.faults import explained
from lapilli.model.errors import BackendFailed, CommandFailed

Execute = Callable[..., str]
"""Runs one of LVM's programs with arguments, and returns what it prints."""

# Of what is stored in volumes LVM must never read anything: a guest's own volume groups would appear here. This is
# LVM's default, and said because an operator may have changed it. The hints are LVM's memory of which disks it need not
# read: others, who read more disks, would undo it each time.
_ALWAYS: Final = 'scan_lvs=0 hints="none"'
_TWICE: Final = re.compile(r"Multiple VGs found with the same name")
_ABSENT: Final = re.compile(r'Volume group "?[^"\s]+"? not found')
_NO_DISK: Final = "[unknown]"
# In LVM's patterns a point is any character; what may have a meaning is replaced by it.
_PLAIN: Final = re.compile(r"[^\w/-]", re.ASCII)


@dataclass(frozen=True)
class GroupDisks:
    """The disks of a volume group that are here: each path, and what tells it from another one of that name."""

    uuid: str
    disks: tuple[tuple[str, str], ...]

    @property
    def config(self) -> tuple[str, ...]:
        """What LVM's programs are told, so that they read these alone. It stands above a devices file, too."""
        return _config(f"use_devicesfile=0 {_accepting([path for path, _ in self.disks])}")

    @property
    def are_the_same(self) -> bool:
        """Whether each path still leads to the disk that was found there."""
        return all(disks.identity(path) == identity for path, identity in self.disks)


def find(group: str, served: Collection[str], execute: Execute, uuid: str) -> GroupDisks:
    """The disks of the group, of all that LVM sees here and that are nobody's volumes.

    `served` are all groups that are served here; `uuid` is the one that the group had before, or empty. Raises
    `BackendFailed` if it is not there, there are several of its name, or it is another one than before.
    """
    # Where an operator has said what LVM may see, that holds: there can be only one such list.
    readable = "" if _has_filter(execute) else _accepting(disks.readable(served))
    found = _sorted_out(group, served, _seen(group, execute, readable))
    if uuid in found:
        return _with_identities(uuid, found[uuid])
    if len(found) > 1:
        places = "; ".join(f"{each} on {', '.join(paths)}" for each, paths in found.items())
        raise BackendFailed(
            f"There are several volume groups {group} here: {places}. Rename one (`vgrename UUID NAME`), or hide its "
            "disks from LVM (lvm.conf, devices/filter)."
        )
    ((other, paths),) = found.items()
    if uuid:
        raise BackendFailed(
            f"The volume group {group} is another one than before: it had the UUID {uuid}, and the one on "
            f"{', '.join(paths)} has {other}. If that is right, restart this service and lapilli-privileged."
        )
    return _with_identities(other, paths)


def _seen(group: str, execute: Execute, readable: str) -> list[tuple[str, str]]:
    """(UUID, path of a disk) of each group of this name that LVM sees with this filter."""
    try:
        return _listed(execute, *_config(readable), group)
    except CommandFailed as error:
        if _TWICE.search(error.stderr):
            return _listed(execute, *_config(readable), "--select", f"vg_name={group}")
        if _ABSENT.search(error.stderr):
            _check_devices_file(group, execute, readable)
        raise explained(group, error) from error


def _listed(execute: Execute, *arguments: str) -> list[tuple[str, str]]:
    told = json.loads(execute("vgs", "--reportformat", "json", "-o", "vg_uuid,pv_name", *arguments))
    return [(row["vg_uuid"], row["pv_name"]) for row in told["report"][0]["vg"]]


def _has_filter(execute: Execute) -> bool:
    try:
        execute("lvmconfig", "devices/filter")
    except CommandFailed as error:
        if error.exit_code is None:
            raise
        return False
    return True


def _check_devices_file(group: str, execute: Execute, readable: str) -> None:
    """Raise `BackendFailed` if the group is seen as soon as LVM is not bound to its devices file."""
    try:
        listed = _listed(execute, *_config(f"use_devicesfile=0 {readable}"), group)
    except CommandFailed:
        return
    adding = "; ".join(f"lvmdevices --adddev {path}" for _, path in listed if path != _NO_DISK)
    raise BackendFailed(f"LVM may not use the disks of {group} here: its devices file does not name them. `{adding}`")


def _sorted_out(group: str, served: Collection[str], seen: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The disks by the UUID of the group, without groups that lie on a volume."""
    found: dict[str, list[str]] = {}
    for uuid, path in seen:
        found.setdefault(uuid, [])
        if path != _NO_DISK:
            found[uuid].append(path)
    own = {uuid: paths for uuid, paths in found.items() if not any(disks.has_volume(path, served) for path in paths)}
    if not own:
        strange = ", ".join(path for paths in found.values() for path in paths)
        raise BackendFailed(
            f"The only volume group {group} here is inside a volume that is attached to this machine ({strange}), so "
            f"somebody else has made it, and it is not used. Bring the disks of {group} back, or `vgcreate` it."
        )
    return own


def _with_identities(uuid: str, paths: Sequence[str]) -> GroupDisks:
    return GroupDisks(uuid, tuple((path, disks.identity(path)) for path in sorted(paths)))


def _accepting(paths: Sequence[str]) -> str:
    patterns = [f'"a|^{_PLAIN.sub(".", path)}$|"' for path in paths]
    return f"filter=[{','.join([*patterns, chr(34) + 'r|.*|' + chr(34)])}]"


def _config(rest: str) -> tuple[str, str]:
    return ("--config", f"devices{{{_ALWAYS} {rest}}}")
