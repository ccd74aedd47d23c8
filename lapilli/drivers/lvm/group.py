"""What is done with logical volumes in several steps, each of which may be the last one before a crash."""

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from lapilli.drivers.lvm.names import is_aside, is_own, kept_source, last_aside, name_of, next_aside, replacement
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.machine import wipe
from lapilli.machine.lvm import command, lvm, reports
from lapilli.machine.lvm.reports import LogicalVolume
from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB

_MIB: Final = 1024**2
_UDEV_LOOKS_S: Final = 5.0
_SYSTEM_PROGRAMS: Final = "/usr/sbin:/sbin:/usr/bin:/bin"


class LvmGroup:
    """A served volume group. Names are those of logical volumes."""

    def __init__(self, settings: LvmSettings) -> None:
        self.name = settings.volume_group
        self.pool = f"{self.name}-pool"
        self._settings = settings
        # While a volume is inactive for a change, nobody else may activate it.
        self._asleep = threading.Lock()
        conf_file = settings.lvm_conf_file or ""
        command.serve(self.name, conf_file, hides_fd_warnings=settings.lvm_suppress_fd_warnings)

    @cached_property
    def is_thin(self) -> bool:
        """Whether new volumes are thin. Decided once: a group that becomes empty later changes nothing."""
        kind = self._settings.lvm_type
        if kind != "auto":
            return kind == "thin"
        if self._settings.lvm_mirrors or not shutil.which("thin_check", path=_SYSTEM_PROGRAMS):
            return False
        there = self.look()
        return self.pool in there or not there

    def look(self) -> dict[str, LogicalVolume]:
        """All there is, by name."""
        return reports.read_volumes(self.name)

    def find(self, there: Mapping[str, LogicalVolume], lv: str) -> LogicalVolume:
        """The volume among those that are there; `BackendFailed` if it is not."""
        if lv not in there:
            raise BackendFailed(f"{name_of(lv)} should be on the volume group {self.name}, and is not there.")
        return there[lv]

    def path(self, lv: str) -> Path:
        return Path("/dev", self.name, lv)

    def create(self, lv: str, size_bytes: int, *, is_half: bool = False) -> None:
        """Make an empty volume of the kind that new ones have."""
        if self.is_thin:
            lvm.create_thin(self.name, lv, size_bytes, self.pool, is_half=is_half)
        else:
            lvm.create_thick(self.name, lv, size_bytes, self._settings.lvm_mirrors, is_half=is_half)

    def make(self, lv: str, make: Callable[[], None]) -> LogicalVolume | None:
        """Make a volume; if that fails because it is there already, return that one."""
        try:
            make()
        except BackendFailed:
            found = self.look().get(lv)
            if found is None:
                raise
            return found
        return None

    def wake(self, volume: LogicalVolume) -> None:
        """Make sure that the volume has a device."""
        if not volume.is_active:
            lvm.activate(self.name, [volume.name])

    def wake_all(self) -> None:
        """Make sure that all volumes have devices, as after a restart of the machine."""
        with self._asleep:
            volumes = self.look().values()
            inactive = [each.name for each in volumes if not (each.is_active or each.is_internal or is_own(each.name))]
            if inactive:
                lvm.activate(self.name, inactive)

    def is_in_use(self, lv: str) -> bool:
        """Whether somebody has the volume open. That udev looks into it, for a moment, does not count."""
        deadline = time.monotonic() + _UDEV_LOOKS_S
        while (volume := self.look().get(lv)) and volume.is_open:
            if time.monotonic() > deadline:
                return True
            time.sleep(0.2)
        return False

    def grow(self, lv: str, size_bytes: int) -> None:
        """Make the volume at least so large."""
        there = self.look()
        volume = self.find(there, lv)
        if volume.size_bytes >= size_bytes:
            self.wake(volume)
            return
        snapshots = self._snapshots(there, lv)
        if not snapshots:
            self._extend(lv, size_bytes)
            return
        if self.is_in_use(lv):
            named = ", ".join(each for each in snapshots if not is_own(each))
            remedy = f"detach it, or delete {named}" if named else "wait until the copy that is made of it is complete"
            raise BackendFailed(
                f"{name_of(lv)} has snapshots, and a thick volume with snapshots can grow only while nobody uses it: "
                f"{remedy}."
            )
        with self._asleep:
            lvm.deactivate(self.name, [lv])
            try:
                self._extend(lv, size_bytes)
            finally:
                lvm.activate(self.name, [lv])

    def _extend(self, lv: str, size_bytes: int) -> None:
        try:
            lvm.extend(self.name, lv, size_bytes)
        except BackendFailed:
            # It is an error, too, if another caller has done it.
            if self.find(self.look(), lv).size_bytes < size_bytes:
                raise

    def set_aside(self, lv: str) -> str | None:
        """See `WipesLater`."""
        there = self.look()
        for own in (kept_source(lv), replacement(lv)):
            if own in there:
                self.drop(there[own])
        if lv not in there:
            return last_aside(lv, there)
        volume = there[lv]
        if snapshots := self._snapshots(there, lv):
            raise BackendFailed(f"{name_of(lv)} has snapshots, which would go with it: {', '.join(snapshots)}.")
        if volume.is_thin or not self._wipes:
            self._remove(lv)
            return None
        if volume.is_cow:
            lvm.split_snapshot(self.name, lv)
        else:
            lvm.deactivate(self.name, [lv])
        aside = next_aside(lv, there)
        lvm.rename(self.name, lv, aside)
        return aside

    def wipe(self, aside: str, go_on: Callable[[int, int], None]) -> None:
        """See `WipesLater`."""
        if not is_aside(aside):
            raise BackendFailed(f"{aside} is not what a deleted volume is called: it is not wiped.")
        # To look first would take as long as to wake it.
        try:
            lvm.activate(self.name, [aside])
        except BackendFailed:
            if aside in self.look():
                raise
            return
        self._wipe_off(aside, go_on)

    def drop(self, volume: LogicalVolume) -> None:
        """Make one of our own volumes not exist, and its bytes neither."""
        if volume.is_thin or not self._wipes:
            self._remove(volume.name)
            return
        if volume.is_cow:
            lvm.split_snapshot(self.name, volume.name)
        self.wake(volume)
        self._wipe_off(volume.name, lambda _done_bytes, _total_bytes: None)

    @property
    def _wipes(self) -> bool:
        return self._settings.volume_clear != "none"

    def _wipe_off(self, lv: str, go_on: Callable[[int, int], None]) -> None:
        size_bytes = self._settings.volume_clear_size * _MIB
        wipe.wipe(self.path(lv), size_bytes, go_on, self._settings.volume_clear_ionice or "")
        self._remove(lv)

    def _remove(self, lv: str) -> None:
        try:
            lvm.remove(self.name, lv)
        except BackendFailed:
            # It is an error, too, if another caller has done it.
            if lv in self.look():
                raise

    @staticmethod
    def _snapshots(there: Mapping[str, LogicalVolume], lv: str) -> list[str]:
        """The copy-on-write snapshots of the volume."""
        return [name_of(each.name) for each in there.values() if each.is_cow and each.origin == lv]


def gib(size_bytes: int) -> str:
    """Bytes for people."""
    return f"{size_bytes / GIB:g} GiB"
