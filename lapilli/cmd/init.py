"""`lapilli init`: a configuration for `lapilli up`, and a volume group for those who have no disk to spare."""

import os
import re
from pathlib import Path
from typing import Final

import click

from lapilli.cmd.arguments import PATH
from lapilli.cmd.site_files import config_of, default_data, image_of
from lapilli.machine import files
from lapilli.machine.lvm import loop_group
from lapilli.model.errors import Conflict
from lapilli.model.values import GIB
from lapilli.settings.reader import read

_UNITS: Final = {"M": 1024**2, "G": GIB, "T": 1024 * GIB}
_DEFAULT: Final = """\
# The configuration of `lapilli up --data {data}`; `lapilli up` alone reads it in the default directory.
# Names and meanings are those of a cinder.conf; docs/configuration.md has them all. `lapilli config check` judges it.
# What is commented out is what counts without it.

[DEFAULT]
# Which sections below hold volumes. Without it `lapilli up` takes [lvm] where that works, and [directory] elsewhere,
# and says so when it starts.
#enabled_backends = lvm

# Who may come in: noauth (everybody, on loopback only), http_basic or keystone.
#auth_strategy = noauth

[database]
#connection = sqlite:///$state_path/lapilli.sqlite

# Volumes as sparse files, exported by tgt, a plain program.
[directory]
#directory_path = $state_path/volumes
#target_ip_address = 127.0.0.1
"""
_LVM: Final = """\

# Volumes as logical volumes, exported by LIO, the kernel's own target. Needs root, or `lapilli privileged`.
[lvm]
volume_group = {group}
lvm_conf_file = {conf}
#lvm_type = auto
#target_ip_address = 127.0.0.1
"""


class Size(click.ParamType[int]):
    """A size such as 512M, 20G or 1T; in bytes."""

    name = "size"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        parts = re.fullmatch(r"([1-9]\d*)([MGT])i?B?", str(value), re.IGNORECASE)
        if not parts:
            self.fail(f"{value!r} is not a size such as 20G.", param, ctx)
        return int(parts[1]) * _UNITS[parts[2].upper()]


@click.command("init")
@click.option("--data", type=PATH, help="Where everything is kept.  [default: ~/.local/share/lapilli]")
@click.option("--lvm-loop", "size_bytes", type=Size(), metavar="SIZE", help="Make a volume group in a file, as of 20G.")
@click.option("--volume-group", "group", default="lapilli", show_default=True, help="The name of that volume group.")
def init(data: Path | None, size_bytes: int | None, group: str) -> None:
    """Prepare a directory for `lapilli up`: write a configuration, and with --lvm-loop make a volume group.

    What is there already stays as it is, so it may be called again; with a larger SIZE the volume group grows. A file
    is sparse: it takes the space that has been written.
    """
    data = (data or default_data()).absolute()
    with files.faults(data):
        data.mkdir(parents=True, exist_ok=True)
    if size_bytes is not None:
        _make_group(data, size_bytes, group)
    _write(config_of(data), data, group if size_bytes is not None else None)
    where = "" if data == default_data().absolute() else f" --data {data}"
    click.echo(f"Next: {'sudo ' if size_bytes is not None else ''}lapilli up{where}")
    click.echo("Then, in another terminal: lapilli attach, or any client of OpenStack's (docs/attach.md).")


def _make_group(data: Path, size_bytes: int, group: str) -> None:
    image = image_of(data)
    loop_group.check()
    _refuse_other(config_of(data), group)
    done = loop_group.make(image, size_bytes, group)
    size = image.stat().st_size
    click.echo(
        f"The volume group {group} is {'ready' if done else 'there already'}: {size / GIB:g} GiB "
        f"in {image}, on {loop_group.device_of(image)}. `lapilli up` brings that device back after a reboot."
    )
    room = os.statvfs(data)
    if (free := room.f_bavail * room.f_frsize) < size - image.stat().st_blocks * 512:
        click.echo(f"Beware: its file system has {free / GIB:.1f} GiB left. More cannot be written to the volumes.")


def _refuse_other(path: Path, group: str) -> None:
    """A configuration that names another group is the operator's."""
    said = _group_in(path)
    if said not in {None, group}:
        raise Conflict(f"{path} says volume_group = {said}: change that line, or add --volume-group {said}.")


def _write(path: Path, data: Path, group: str | None) -> None:
    if not path.exists():
        text = _DEFAULT.format(data=data) + (_lvm(data, group) if group else "")
        said = f"{path} is written."
    elif group and _group_in(path) is None:
        text = path.read_text() + _lvm(data, group)
        said = f"{path} was there: the section [lvm] is added to its end."
    else:
        click.echo(f"{path} is there already, and stays as it is.")
        return
    files.replace(path, lambda descriptor: _put(descriptor, text))
    click.echo(said)


def _lvm(data: Path, group: str) -> str:
    return _LVM.format(group=group, conf=loop_group.conf_of(image_of(data)))


def _put(descriptor: int, text: str) -> None:
    with os.fdopen(os.dup(descriptor), "w") as file:
        file.write(text)


def _group_in(path: Path) -> str | None:
    """The volume group that the section [lvm] of a configuration names."""
    if not path.exists():
        return None
    with files.faults(path):
        entries = read(path.read_text(), str(path)).entries
    return next((each.value for each in entries if (each.section, each.name) == ("lvm", "volume_group")), None)
