"""A volume group for those who have no disk to spare: on a loop device over a sparse file.

A loop device is gone with the next start of the machine; what is on it is in the file. `attach` brings it back.

LVM is told to look at loop devices alone. It would read every disk otherwise, those too that this machine has from its
own targets: after a crash it waited for a disk that comes back only when the volume group is there.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lapilli.machine import files
from lapilli.machine.modules import load
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed, Conflict, Unavailable

# What shows that the kernel has it, and the module that brings it.
_NEEDS: Final = {Path("/sys/class/misc/device-mapper"): "dm_mod", Path("/dev/loop-control"): "loop"}
_PROGRAMS: Final = {"losetup": "util-linux (Debian: mount)", "vgcreate": "lvm2"}
_CONF: Final = """\
# Written by `lapilli init`: LVM looks at no other disks for the volume group in a file.
devices {
    global_filter = [ "a|^/dev/loop|", "r|.*|" ]
    use_devicesfile = 0
}
"""
_BLOCK: Final = Path("/sys/block")
_SBIN: Final = "/usr/sbin:/sbin:/usr/bin:/bin"


def make(image: Path, size_bytes: int, group: str) -> bool:
    """Make the volume group exist in the file `image`, at least so large; whether there was something to do.

    Raises what `check` does where this machine cannot, `Conflict` if the file or the group's name is somebody else's.
    """
    check()
    conf = conf_of(image)
    with files.faults(conf):
        conf.parent.mkdir(mode=0o755, exist_ok=True)
    files.make(conf, _write_conf)
    new = not image.exists()
    files.make(image, lambda descriptor: os.ftruncate(descriptor, size_bytes))
    device = attach(image)
    found = _group_on(image, device)
    if found not in {None, group}:
        raise Conflict(f"{image} holds the volume group {found}: name that one, or move the file away.")
    with _explained(f"The volume group {group} cannot be made on {image}"):
        if found is None:
            _lvm(image, "vgcreate", group, device)
        grows = image.stat().st_size < size_bytes
        if grows:
            files.grow(image, size_bytes)
        run(["losetup", "--set-capacity", device])
        _lvm(image, "pvresize", device)
    return new or found is None or grows


def check() -> None:
    """Unless LVM works here raise `Unavailable` or `BackendFailed`, saying what is missing and what to do."""
    if os.geteuid() != 0:
        raise Unavailable("Loop devices and volume groups are root's: run this with sudo.")
    for program, package in _PROGRAMS.items():
        if shutil.which(program, path=_SBIN) is None:
            raise Unavailable(f"There is no {program}: install {package}.")
    for there, module in _NEEDS.items():
        if not there.exists():
            load(module, "LVM cannot work here. `lapilli up` keeps volumes as files, too.")


def attach(image: Path) -> str:
    """The loop device over the file, which is made if there is none."""
    if (device := device_of(image)) is None:
        if os.geteuid() != 0:
            raise Unavailable(f"{image} has no loop device, as after each start of the machine: run this once as root.")
        with _explained(f"{image} cannot become a loop device"):
            device = run(["losetup", "--find", "--show", str(image)]).strip()
    return device


def detach(image: Path, group: str) -> None:
    """Let go of the group and its loop device, which must not be in use. If it is not attached, do nothing."""
    if (device := device_of(image)) is not None:
        with _explained(f"The loop device over {image} cannot be taken away"):
            _lvm(image, "vgchange", "--activate", "n", group)
            run(["losetup", "--detach", device])


def remove(image: Path, group: str) -> None:
    """Make the group not exist with all its volumes, and let go of its loop device. The file stays."""
    if (device := device_of(image)) is not None:
        with _explained(f"The volume group {group} cannot be removed"):
            _lvm(image, "vgremove", "--force", "--yes", group)
            run(["losetup", "--detach", device])


def volumes(image: Path, group: str) -> list[str]:
    """The names of the group's logical volumes, but for its thin pool."""
    with _explained(f"The volumes of {group} cannot be listed"):
        told = json.loads(_lvm(image, "lvs", "--reportformat", "json", "-o", "lv_name,lv_layout", group))
    return [row["lv_name"] for row in told["report"][0]["lv"] if "pool" not in row["lv_layout"]]


def conf_of(image: Path) -> Path:
    """The `lvm.conf` for this group, in a directory of its own beside the file."""
    return image.parent / "lvm" / "lvm.conf"


def device_of(image: Path) -> str | None:
    """The loop device over the file, if there is one. Needs no root."""
    wanted = str(image.resolve())
    for about in sorted(_BLOCK.glob("loop*/loop/backing_file")):
        if about.read_text().rstrip("\n") == wanted:
            return f"/dev/{about.parents[1].name}"
    return None


def _write_conf(descriptor: int) -> None:
    os.write(descriptor, _CONF.encode())


def _lvm(image: Path, program: str, *arguments: str) -> str:
    return run(["env", f"LVM_SYSTEM_DIR={conf_of(image).parent}", program, *arguments])


def _group_on(image: Path, device: str) -> str | None:
    """The volume group that a device belongs to; None if LVM has never had it."""
    try:
        told = _lvm(image, "pvs", "--reportformat", "json", "-o", "vg_name", device)
    except CommandFailed:
        return None
    (row,) = json.loads(told)["report"][0]["pv"]
    return str(row["vg_name"]) or None


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except CommandFailed as failed:
        raise BackendFailed(f"{what}: {failed.stderr.strip()}") from failed
