"""Runs LVM's programs on the volume groups that are served here, and on no others."""

import json
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lapilli.machine.lvm.faults import explained
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed, Malformed

# Of what is stored in volumes LVM must never read anything: a guest's own volume groups would appear here. This is
# LVM's default, and said because an operator may have changed it.
_CONFIG: Final = ("--config", "devices{scan_lvs=0}")
# Killed in the middle, one may leave a volume suspended, and whoever uses it waiting. They hold TERM back meanwhile.
_DEATH: Final = "TERM"
# The slowest wait for others and for many disks.
_PATIENCE_S: Final = 600.0
_GROUP: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_+.][A-Za-z0-9_+.-]{0,63}")


@dataclass(frozen=True)
class _Service:
    """How the programs are run for a group."""

    conf_file: str
    hides_fd_warnings: bool


_served: dict[str, _Service] = {}


def serve(group: str, conf_file: str = "", *, hides_fd_warnings: bool = False) -> None:
    """From now on this process works on the volume group, as its configuration says.

    `conf_file` is the `lvm.conf` to be used; where there is none, LVM's own is. Calling it again replaces what was
    said before. Raises `Malformed` for a name that no volume group can have.
    """
    if not _GROUP.fullmatch(group):
        raise Malformed(f"volume_group is {group!r}, and no volume group can be called so.")
    _served[group] = _Service(conf_file, hides_fd_warnings)


def lvm(group: str, program: str, *arguments: str) -> str:
    """Run one of LVM's programs for a served group; the sentences of `BackendFailed` say what is wrong."""
    argv = [*_environment(_service(group)), program, *_CONFIG, *arguments]
    try:
        return run(argv, timeout_s=_PATIENCE_S, death=_DEATH)
    except CommandFailed as error:
        raise explained(group, error) from error


def report(group: str, program: str, section: str, fields: Sequence[str], *arguments: str) -> list[dict[str, str]]:
    """What `lvs` or `vgs` tell of the group: one dict of fields for each row; sizes are bytes."""
    wanted = ("--reportformat", "json", "--units", "b", "--nosuffix", "-o", ",".join(fields))
    answer = lvm(group, program, *wanted, *arguments, group)
    try:
        return [dict(row) for part in json.loads(answer)["report"] for row in part.get(section, ())]
    except (ValueError, KeyError, TypeError) as error:
        raise BackendFailed(f"{program} printed no report in JSON; LVM 2.02.158 or a newer one is needed.") from error


def _service(group: str) -> _Service:
    if group not in _served:
        raise Malformed(f"{group} is not a volume group that is served here.")
    return _served[group]


def _environment(service: _Service) -> list[str]:
    variables = []
    if service.conf_file and Path(service.conf_file).exists():
        _check_owner(Path(service.conf_file))
        variables.append(f"LVM_SYSTEM_DIR={Path(service.conf_file).parent}")
    if service.hides_fd_warnings:
        variables.append("LVM_SUPPRESS_FD_WARNINGS=1")
    return ["env", *variables] if variables else []


def _check_owner(path: Path) -> None:
    """The file names programs that run as root."""
    about = path.stat()
    if os.geteuid() == 0 and (about.st_uid != 0 or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        raise BackendFailed(f"{path} can be written by others than root, and LVM would obey it: chown and chmod it.")
