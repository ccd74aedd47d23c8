"""`lapilli privileged`: the one process of a node that is root, and does for the others what needs that."""

import importlib
import os
import pwd
import signal
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from lapilli.cmd import storage_choice
from lapilli.cmd.arguments import DEFAULT_CONFIG, PATH
from lapilli.cmd.logs import set_up as set_up_log
from lapilli.drivers import registry as drivers
from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.drivers.lvm.group import LvmGroup
from lapilli.drivers.lvm.names import OWN
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.machine.kernel_targets import configfs
from lapilli.machine.privileged import device_owner
from lapilli.machine.privileged.capabilities import keep_only
from lapilli.machine.privileged.helper import Helper, listen
from lapilli.machine.privileged.mark import verbs_of
from lapilli.machine.privileged.trust import owned_by_root
from lapilli.model.errors import Malformed, Unavailable
from lapilli.settings.backend import BackendSettings
from lapilli.settings.core import CoreSettings, LogSettings, VolumeSettings
from lapilli.settings.settings import Settings, load
from lapilli.targets import registry as targets

_MODULES: Final = tuple(f"lapilli.machine.{name}" for name in ("lvm.lvm", "kernel_targets.lio", "kernel_targets.nvmet"))
"""Where the functions are that are done for others."""
_NEEDED: Final = (
    "sys_admin",  # device-mapper, configfs
    "dac_override",  # the service's own directory, where its socket is
    "chown",
    "fowner",
    "mknod",  # device nodes, where there is no udev
    "ipc_lock",  # LVM stays in memory while a device stands still
    "sys_nice",
    "sys_rawio",
    "sys_resource",
    "sys_module",  # the kernel's targets
    "net_admin",
)


@click.command("privileged")
@click.option(
    "--config",
    "--config-file",
    "config_path",
    type=PATH,
    default=DEFAULT_CONFIG,
    show_default=True,
    help="The services' configuration: root's, for it says which volume groups may be touched.",
)
@click.option("--data", type=PATH, help="Serve the `lapilli up --data` of this directory.")
@click.option("--user", "user_name", metavar="NAME", help="Whom to serve.  [default: the owner of state_path]")
def privileged(config_path: Path, data: Path | None, user_name: str | None) -> None:
    """Do for this node's services, which are not root, the few things that need it. A signal ends it.

    It keeps nothing, and may be ended and started again at any time.
    """
    if os.geteuid() != 0:
        raise Unavailable("lapilli privileged has to be started as root: it does what the services may not.")
    settings = _read(owned_by_root(config_path), data)
    core, log, volume = settings.bind(CoreSettings), settings.bind(LogSettings), settings.bind(VolumeSettings)
    groups, prefixes = _served_groups(settings), _prefixes(settings)
    settings.check()
    # Never to log_dir: root would write to whatever the services' user has put there, a link among others.
    set_up_log(replace(log, log_dir=None, log_file=None), "privileged")
    user = _user(user_name, core)
    listener = listen(Path(core.privileged_helper_socket), user)
    keep_only(_NEEDED)
    for module in _MODULES:
        importlib.import_module(module)
    configfs.serve(groups, prefixes)
    snapshots = volume.snapshot_name_template
    names = device_owner.patterns(volume.volume_name_template, snapshots, f"_{snapshots}", f"{OWN}%s")
    helper = Helper(listener, user.pw_uid, verbs_of(_MODULES), device_owner.hand_over(user, groups, names))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: helper.stop())
    click.echo(
        f"Serving user {user.pw_name} at {core.privileged_helper_socket}, "
        f"for the volume groups: {', '.join(groups) or 'none'}.",
        err=True,
    )
    helper.serve()


def _read(path: Path, data: Path | None) -> Settings:
    """The configuration, and what `lapilli up` with this data directory takes for granted beside it."""
    overrides = {"state_path": str(data.absolute())} if data else {}
    settings = load(path, overrides)
    if data is None or settings.enabled_backends or not storage_choice.names_group(settings):
        return load(path, overrides)
    return load(path, overrides, {**storage_choice.LVM_BENEATH, "enabled_backends": storage_choice.LVM})


def _served_groups(settings: Settings) -> list[str]:
    """The volume groups of the enabled backends, each once; from now on they may be touched by this process."""
    drivers_of = {name: settings.backend(name, BackendSettings).volume_driver for name in settings.enabled_backends}
    lvm = [name for name, driver in drivers_of.items() if drivers.get(driver) is LvmDriver]
    return sorted({LvmGroup(settings.backend(name, LvmSettings)).name for name in lvm})


def _prefixes(settings: Settings) -> list[str]:
    """What the names of the enabled backends' targets begin with."""
    helpers = {name: settings.backend(name, BackendSettings).target_helper for name in settings.enabled_backends}
    return sorted({settings.backend(name, targets.get(each).Settings).target_prefix for name, each in helpers.items()})


def _user(name: str | None, core: CoreSettings) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name) if name else pwd.getpwuid(Path(core.state_path).stat().st_uid)
    except KeyError as error:
        raise Malformed(f"There is no user {name or f'who owns {core.state_path}'} on this machine.") from error
    except OSError as error:
        raise Malformed(
            f"{core.state_path} cannot be looked at ({error.strerror}): name the user with --user."
        ) from error
