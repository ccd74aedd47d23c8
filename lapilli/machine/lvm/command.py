"""Runs LVM's programs on the volume groups that are served here, and on no others."""

import json
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lapilli.machine.lvm import discovery
from lapilli.machine.lvm.discovery import GroupDisks
from lapilli.machine.lvm.faults import explained
from lapilli.machine.privileged.trust import owned_by_root
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed, Malformed

# Killed in the middle, one may leave a volume suspended, and whoever uses it waiting. They hold TERM back meanwhile.
_DEATH: Final = "TERM"
# The slowest wait for others and for many disks.
_PATIENCE_S: Final = 600.0
_GROUP: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_+.][A-Za-z0-9_+.-]{0,63}")
# What LVM says when a disk of the group is not among those that it was told to read.
_LACKS_A_DISK: Final = re.compile(r"missing PV|PVs are missing|find device|not found")
_MISSING: Final = "vg_missing_pv_count"


@dataclass
class _Service:
    """How the programs are run for a group, and the disks that it was found on."""

    conf_file: str
    hides_fd_warnings: bool
    disks: GroupDisks | None = None
    is_looking: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)


_served: dict[str, _Service] = {}


def serve(group: str, conf_file: str = "", *, hides_fd_warnings: bool = False) -> None:
    """From now on this process works on the volume group, as its configuration says.

    `conf_file` is the `lvm.conf` to be used; where there is none, LVM's own is. Calling it again replaces what was
    said before. Raises `Malformed` for a name that no volume group can have.
    """
    if not _GROUP.fullmatch(group):
        raise Malformed(f"volume_group is {group!r}, and no volume group can be called so.")
    before = _served.get(group)
    if before is None or (before.conf_file, before.hides_fd_warnings) != (conf_file, hides_fd_warnings):
        _served[group] = _Service(conf_file, hides_fd_warnings)


def lvm(group: str, program: str, *arguments: str) -> str:
    """Run one of LVM's programs for a served group; the sentences of `BackendFailed` say what is wrong."""
    service = _service(group)
    disks = _disks(group, service)
    try:
        return _execute(service, program, *disks.config, *arguments)
    except CommandFailed as error:
        if not _LACKS_A_DISK.search(error.stderr) or _disks(group, service, other_than=disks) == disks:
            raise explained(group, error) from error
    return lvm(group, program, *arguments)


def report(group: str, program: str, section: str, fields: Sequence[str], *arguments: str) -> list[dict[str, str]]:
    """What `lvs` or `vgs` tell of the group: one dict of fields for each row; sizes are bytes."""
    disks = _disks(group, _service(group))
    wanted = ("--reportformat", "json", "--units", "b", "--nosuffix", "-o", ",".join([*fields, _MISSING]))
    answer = lvm(group, program, *wanted, *arguments, group)
    try:
        rows = [dict(row) for part in json.loads(answer)["report"] for row in part.get(section, ())]
        is_whole = all(row.pop(_MISSING) == "0" for row in rows)
    except (ValueError, KeyError, TypeError) as error:
        raise BackendFailed(f"{program} printed no report in JSON; LVM 2.02.158 or a newer one is needed.") from error
    # Somebody may have added a disk to the group (`vgextend`), which LVM takes for missing until it is told of it.
    if is_whole or _disks(group, _service(group), other_than=disks) == disks:
        return rows
    return report(group, program, section, fields, *arguments)


def _disks(group: str, service: _Service, other_than: GroupDisks | None = None) -> GroupDisks:
    """The disks that the group is on, looked for where they are not known, changed, or are these."""
    with service.is_looking:
        known = service.disks
        if known is None or known == other_than or not known.are_the_same:
            uuid = known.uuid if known else ""
            known = discovery.find(group, [*_served], lambda *argv: _execute(service, *argv), uuid)
            service.disks = known
        return known


def _execute(service: _Service, program: str, *arguments: str) -> str:
    return run([*_environment(service), program, *arguments], timeout_s=_PATIENCE_S, death=_DEATH)


def _service(group: str) -> _Service:
    if group not in _served:
        raise Malformed(f"{group} is not a volume group that is served here.")
    return _served[group]


def _environment(service: _Service) -> list[str]:
    variables = []
    if service.conf_file and Path(service.conf_file).exists():
        variables.append(f"LVM_SYSTEM_DIR={_trusted(Path(service.conf_file)).parent}")
    if service.hides_fd_warnings:
        variables.append("LVM_SUPPRESS_FD_WARNINGS=1")
    return ["env", *variables] if variables else []


def _trusted(conf_file: Path) -> Path:
    """The same file: it names programs that run as root, so that nobody else may change it."""
    if os.geteuid() != 0:
        return conf_file
    try:
        return owned_by_root(conf_file, "what LVM does as root")
    except Malformed as error:
        raise BackendFailed(str(error)) from error
