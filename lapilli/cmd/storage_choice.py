"""Where `lapilli up` keeps volumes when nobody says it: LVM and LIO where they work, else files and tgt."""

import contextlib
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lapilli.cmd.process import read_settings
from lapilli.cmd.site_files import image_of
from lapilli.drivers import registry as drivers
from lapilli.drivers.directory import DirectorySettings
from lapilli.machine.lvm import loop_group
from lapilli.machine.privileged.mark import helper_listens, use_helper
from lapilli.machine.privileged.trust import owned_by_root
from lapilli.model.errors import LapilliError, Malformed
from lapilli.settings.backend import BackendSettings
from lapilli.settings.core import CoreSettings
from lapilli.settings.settings import Settings
from lapilli.targets import registry as targets

LVM: Final = "lvm"
"""The section of the volume group."""
LVM_BENEATH: Final = {f"{LVM}.volume_driver": "lvm", f"{LVM}.target_helper": "lio"}
"""What holds for it unless the configuration says otherwise."""
_DIRECTORY: Final = "directory"
# Where a configuration is nobody's but root's.
_ROOTS_CONFIG: Final = "/etc/lapilli/lapilli.conf"


@dataclass(frozen=True)
class Choice:
    """The backends to serve, comma-separated, and one line for the operator: which, and why."""

    backends: str
    told: str


def choose(data: Path, config_path: Path | None, overrides: Mapping[str, str], beneath: Mapping[str, str]) -> Choice:
    """What to serve from the data directory; `overrides` and `beneath` are what `up` says beside the file.

    The volume group in a file of that directory has its device afterwards, as far as this process may make it. Raises
    `Unavailable` if it may not, and the configuration asks for its volumes.
    """
    settings = read_settings(config_path, overrides, beneath)
    if settings.enabled_backends:
        if image_of(data).exists():
            loop_group.attach(image_of(data))
        return Choice(",".join(settings.enabled_backends), f"Volumes are kept as {config_path} says.")
    with_lvm = read_settings(config_path, overrides, {**beneath, "enabled_backends": LVM})
    kept = Path(with_lvm.backend(_DIRECTORY, DirectorySettings).directory_path)
    reason = _why_not_lvm(data, config_path, with_lvm)
    if reason is not None:
        return Choice(_DIRECTORY, f"Volumes are files in {kept}, exported by tgt; not in LVM: {reason}")
    group = with_lvm.backend(LVM, drivers.get(LVM).Settings).volume_group
    told = f"Volumes are in the volume group {group}, exported by LIO, because both work here."
    if _holds_volumes(kept):
        return Choice(f"{LVM},{_DIRECTORY}", f"{told} Those in {kept} are served as before.")
    return Choice(LVM, told)


def bind_unused(settings: Settings) -> None:
    """Read the sections that were not chosen as well, so that their options are not taken for mistakes."""
    for name in (LVM, _DIRECTORY):
        about = settings.backend(name, BackendSettings)
        with contextlib.suppress(LapilliError):  # a plug-in that is missing is told to those who use it
            settings.backend(name, drivers.get(about.volume_driver).Settings)
            settings.backend(name, targets.get(about.target_helper).Settings)


def _why_not_lvm(data: Path, config_path: Path | None, settings: Settings) -> str | None:
    """The reason, in a sentence, why LVM with LIO does not work on this machine for this process."""
    core, about = settings.bind(CoreSettings), settings.backend(LVM, BackendSettings)
    try:
        if not names_group(settings):
            return "no volume group is named in [lvm]. `lapilli init --lvm-loop 20G` makes one."
        socket = Path(core.privileged_helper_socket)
        if os.geteuid() != 0 and config_path and not helper_listens(socket):
            return _how_to_help(data, config_path)
        use_helper(socket)
        if image_of(data).exists():
            loop_group.attach(image_of(data))
        driver, target = drivers.get(about.volume_driver), targets.get(about.target_helper)
        settings.check()
        driver(settings.backend(LVM, driver.Settings), LVM).check()
        target(settings.backend(LVM, target.Settings)).check()
    except LapilliError as error:
        return str(error)
    return None


def _how_to_help(data: Path, config_path: Path) -> str:
    """What to run as root, word for word, so that this process may use LVM.

    It is not run from here, with sudo: the helper does what its configuration says, and so only root may choose that.
    """
    program = Path(sys.argv[0]).absolute()
    lapilli = str(program) if program.name == "lapilli" else "lapilli"
    lines, then = [], "start this again"
    try:
        config = str(owned_by_root(config_path))
    except Malformed:
        config = _ROOTS_CONFIG
        lines = [f"# No helper obeys {config_path}, which others than root can change. So make a copy:"]
        readable = ["-m", "640", "-g", str(os.getegid())]
        lines += [shlex.join(["sudo", "install", "-D", *readable, str(config_path), config])]
        then = f"{then} with --config {config}"
    lines.append(shlex.join(["sudo", lapilli, "privileged", "--config", config, "--data", str(data)]))
    commands = "".join(f"\n    {line}" for line in lines)
    return f"this process is not root, and no helper of root's listens. Run in another terminal:{commands}\nand {then}."


def names_group(settings: Settings) -> bool:
    """Whether the configuration names the volume group: one that is only called like the default is somebody else's."""
    settings.backend(LVM, drivers.get(LVM).Settings)
    said = {each.name for each in settings.effective() if each.section == LVM and each.where != "default"}
    return "volume_group" in said


def _holds_volumes(directory: Path) -> bool:
    # The driver's own notes begin with a dot, and are there from its first start on.
    return directory.is_dir() and any(not each.name.startswith(".") for each in directory.iterdir())
