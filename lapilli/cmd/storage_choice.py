"""Where `lapilli up` keeps volumes when nobody says it: LVM and LIO where they work, else files and tgt."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lapilli.cmd.process import read_settings
from lapilli.cmd.site_files import image_of
from lapilli.drivers import registry as drivers
from lapilli.drivers.directory import DirectorySettings
from lapilli.machine.lvm import loop_group
from lapilli.machine.privileged.mark import use_helper
from lapilli.model.errors import LapilliError
from lapilli.settings.backend import BackendSettings
from lapilli.settings.core import CoreSettings
from lapilli.settings.settings import Settings
from lapilli.targets import registry as targets

_LVM: Final = "lvm"
_DIRECTORY: Final = "directory"


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
    with_lvm = read_settings(config_path, overrides, {**beneath, "enabled_backends": _LVM})
    kept = Path(with_lvm.backend(_DIRECTORY, DirectorySettings).directory_path)
    reason = _why_not_lvm(data, with_lvm)
    if reason is not None:
        return Choice(_DIRECTORY, f"Volumes are files in {kept}, exported by tgt; not in LVM: {reason}")
    group = with_lvm.backend(_LVM, drivers.get(_LVM).Settings).volume_group
    told = f"Volumes are in the volume group {group}, exported by LIO, because both work here."
    if _holds_volumes(kept):
        return Choice(f"{_LVM},{_DIRECTORY}", f"{told} Those in {kept} are served as before.")
    return Choice(_LVM, told)


def bind_unused(settings: Settings) -> None:
    """Read the sections that were not chosen as well, so that their options are not taken for mistakes."""
    for name in (_LVM, _DIRECTORY):
        about = settings.backend(name, BackendSettings)
        with contextlib.suppress(LapilliError):  # a plug-in that is missing is told to those who use it
            settings.backend(name, drivers.get(about.volume_driver).Settings)
            settings.backend(name, targets.get(about.target_helper).Settings)


def _why_not_lvm(data: Path, settings: Settings) -> str | None:
    """The reason, in a sentence, why LVM with LIO does not work on this machine for this process."""
    core, about = settings.bind(CoreSettings), settings.backend(_LVM, BackendSettings)
    try:
        if not _names_group(settings):
            return "no volume group is named in [lvm]. `lapilli init --lvm-loop 20G` makes one."
        socket = Path(core.privileged_helper_socket)
        if os.geteuid() != 0 and not socket.exists():
            return f"this process is not root, and no `lapilli privileged` listens at {socket}."
        use_helper(socket)
        if image_of(data).exists():
            loop_group.attach(image_of(data))
        driver, target = drivers.get(about.volume_driver), targets.get(about.target_helper)
        settings.check()
        driver(settings.backend(_LVM, driver.Settings), _LVM).check()
        target(settings.backend(_LVM, target.Settings)).check()
    except LapilliError as error:
        return str(error)
    return None


def _names_group(settings: Settings) -> bool:
    """Whether the configuration names the volume group: one that is only called like the default is somebody else's."""
    settings.backend(_LVM, drivers.get(_LVM).Settings)
    said = {each.name for each in settings.effective() if each.section == _LVM and each.where != "default"}
    return "volume_group" in said


def _holds_volumes(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())
