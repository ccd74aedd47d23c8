"""A volume group on sparse files, and a driver's laboratory on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from lapilli.drivers.lvm import driver, manage
from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.drivers.lvm.names import name_of
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.machine.lvm import command, reports
from lapilli.model.values import GIB
from tests.conformance.driver_lab import DriverLab
from tests.kernel.machine import run, volume_group

MIB = 1024**2
_DISK = "/dev/ubda"
_MIDDLE_BYTES = 32 * MIB  # of the smallest GiB
_ONLY_LOOKS = {"lvs", "vgs", "lvmconfig"}


@contextmanager
def sparse_group(directory: Path, name: str = "storage", size_gib: int = 40, disks: int = 1) -> Iterator[str]:
    """A volume group whose disks take space only where something is written. `directory` is made and empty."""
    forget(name)
    devices = []
    # A file system that knows of holes and of zeros: the disks forget blocks as good ones do.
    run("mkfs.xfs", "-q", "-f", _DISK)
    run("mount", _DISK, str(directory))
    try:
        for number in range(disks):
            file = directory / f"{name}-{number}"
            file.touch()
            os.truncate(file, size_gib * 1024**3)
            devices.append(run("losetup", "--find", "--show", str(file)).strip())
        with volume_group(name, devices[0]):
            for device in devices[1:]:
                run("vgextend", "--yes", name, device)
            yield name
    finally:
        run("udevadm", "settle")  # it may still look into a disk
        for device in devices:
            run("losetup", "--detach", device)
        run("udevadm", "settle")
        run("umount", str(directory))
        run("wipefs", "--all", "--force", _DISK)


def driver_of(group: str, **settings: Any) -> LvmDriver:
    """A driver as a new process would make it."""
    return LvmDriver(LvmSettings(volume_group=group, **settings), "here")


def thick(group: str) -> LvmDriver:
    """A driver of thick volumes that has been started."""
    driver = driver_of(group, lvm_type="default")
    driver.check()
    return driver


def thin(group: str) -> LvmDriver:
    """A driver of thin volumes that has been started."""
    driver = driver_of(group, lvm_type="thin")
    driver.check()
    return driver


def write(path: str, offset_bytes: int, data: bytes) -> None:
    """Put the bytes on the disk."""
    with Path(path).open("r+b", buffering=0) as file:
        file.seek(offset_bytes)
        file.write(data)
        os.fsync(file.fileno())


def read(path: str, offset_bytes: int, length_bytes: int) -> bytes:
    """What is there, past the kernel's cache of the device."""
    with Path(path).open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(offset_bytes)
        return file.read(length_bytes)


def make_lab(group: str, kind: type[LvmDriver] = LvmDriver, gib_bytes: int = GIB, **settings: Any) -> DriverLab:
    def start() -> LvmDriver:
        return kind(LvmSettings(volume_group=group, **settings), "here")

    start().check()
    return DriverLab(start, stored=lambda: set(volumes(group)), pool="here", deadly=is_step, gib_bytes=gib_bytes)


def volumes(group: str) -> dict[str, reports.LogicalVolume]:
    """All that the group holds but its thin pool."""
    there = reports.read_volumes(group)
    return {name_of(name): each for name, each in there.items() if not each.is_pool}


def empty(group: str) -> None:
    """Remove all but the thin pool."""
    _remove(group, [name for name, each in reports.read_volumes(group).items() if not each.is_pool])


def clear(group: str) -> None:
    """Remove all, whatever the last driver was told."""
    forget(group)
    command.serve(group)
    _remove(group, [group])


def _remove(group: str, names: list[str]) -> None:
    paths = [name if name == group else f"{group}/{name}" for name in names]
    if paths and reports.read_volumes(group):
        run("udevadm", "settle")  # it looks into what was written
        # What was in them must not be in the next ones: the disk forgets it.
        run("lvremove", "--force", "--yes", "--config", "devices{issue_discards=1}", *paths)


def forget(group: str) -> None:
    """Know of the group as much as a process that has just been started."""
    command._served.pop(group, None)


@contextmanager
def small_gib(size_bytes: int) -> Iterator[None]:
    """Within the block the driver's GiB are so large."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (driver, manage):
            patch.setattr(module, "GIB", size_bytes)
        yield


def is_step(frame: FrameType, called: object) -> bool:
    """Before each of LVM's programs that changes something, and in the middle of a copy.

    Before its first piece a copy is as after the program before it, and after its last one as before the next.
    """
    what = getattr(called, "__module__", None), getattr(called, "__name__", "")
    if what == ("posix", "pwrite"):
        return 0 < frame.f_locals["offset"] < _MIDDLE_BYTES
    return what == ("_posixsubprocess", "fork_exec") and not _ONLY_LOOKS & set(frame.f_locals["args"])
