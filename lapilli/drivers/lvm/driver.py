"""The `lvm` driver: each volume and each snapshot is a logical volume of one volume group.

Thick volumes have their space from the start; their snapshots copy what is overwritten, and have room for all of it, so
that they are never lost; a clone is a copy. Thin volumes share a pool, and take space with what is written; their
snapshots and clones take none at first. Which of the two a volume is, it says itself: `lvm_type` is for new ones.

A volume that is made by copying has a tag until it is complete. What lies beside volumes for a while has a name that
begins with `lapilli.` (see `names.py`), and goes with the volume that it is for.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lapilli.drivers.local_copies import LocalCopies
from lapilli.drivers.lvm import copies
from lapilli.drivers.lvm.group import LvmGroup, gib
from lapilli.drivers.lvm.manage import LvmManagesExisting
from lapilli.drivers.lvm.names import lv_name, replacement
from lapilli.drivers.lvm.pools import check_health, thick_report, thin_report
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.drivers.over_subscription import check_ratio
from lapilli.machine import wipe
from lapilli.machine.lvm import lvm, reports
from lapilli.machine.lvm.reports import LogicalVolume
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols.storage import PoolReport
from lapilli.model.values import GIB

_log = logging.getLogger(__name__)


class LvmDriver(LvmManagesExisting, LocalCopies):
    """A `StorageDriver` whose one pool, named after the backend, is a volume group or its thin pool."""

    Settings = LvmSettings

    def __init__(self, settings: LvmSettings, backend_name: str) -> None:
        self._settings = settings
        self._pool = backend_name
        self._group = LvmGroup(settings)

    def check(self) -> None:
        """Also makes the thin pool if there is none, and the devices of volumes that have none."""
        settings, name = self._settings, self._group.name
        check_ratio(settings.max_over_subscription_ratio)
        wipe.check_ionice(settings.volume_clear_ionice or "")
        if settings.lvm_mirrors and settings.lvm_type == "thin":
            raise BackendFailed("lvm_mirrors are for thick volumes: set lvm_type to default, or mirror the pool.")
        extent_bytes = reports.read_group(name).extent_bytes
        if GIB % extent_bytes:
            raise BackendFailed(
                f"An extent of the volume group {name} has {extent_bytes} bytes, and volumes of whole GiB are not made "
                f"of such: they would be larger than asked for. `vgchange --physicalextentsize 4m {name}` changes that."
            )
        if self._group.is_thin:
            check_health(self._group, self._thin_pool())
        try:
            self._group.wake_all()
        except BackendFailed as error:
            _log.warning("some volumes of %s have no device: %s", name, error)

    def report(self) -> Sequence[PoolReport]:
        group = reports.read_group(self._group.name)
        if not self._group.is_thin:
            return [thick_report(self._pool, group, self._group.look(), self._settings)]
        return [thin_report(self._pool, group, self._thin_pool(), self._settings)]

    def describe(self) -> Mapping[str, Any]:
        return {"vendor_name": "Open Source", "driver_version": "1.0"}

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        lv, size_bytes = self._new(name, pool), size_gib * GIB
        # To look first would take as long as to make it.
        found = self._group.make(lv, lambda: self._group.create(lv, size_bytes))
        if found is None:
            return
        if found.is_half or found.size_bytes != size_bytes:
            raise BackendFailed(
                f"{self.path(name)} exists already and has {gib(found.size_bytes)}, not {size_gib}, or is a half-made "
                "copy. Find out what it is before renaming it."
            )
        self._group.wake(found)

    def create_volume_from_snapshot(self, name: str, size_gib: int, snapshot: str, volume: str, pool: str) -> None:
        del volume  # a snapshot knows its origin
        self._copy(self._new(name, pool), size_gib * GIB, lv_name(snapshot))

    def create_volume_from_volume(self, name: str, size_gib: int, source: str, pool: str) -> None:
        self._copy(self._new(name, pool), size_gib * GIB, lv_name(source))

    def delete_volume(self, name: str) -> None:
        self._delete(name)

    def extend_volume(self, name: str, size_gib: int) -> None:
        """A thick volume that has snapshots can grow only while nobody has it open."""
        self._group.grow(lv_name(name), size_gib * GIB)

    def create_snapshot(self, name: str, volume: str) -> None:
        lv, origin = lv_name(name), lv_name(volume)
        if self._group.is_thin:
            # To look first would take as long as to make it; a look tells what is not as usual.
            with suppress(BackendFailed):
                lvm.create_thin_snapshot(self._group.name, lv, origin)
                return
        there = self._group.look()
        found = there.get(lv)
        if found and not (found.is_thin or found.is_cow):
            if not found.is_made_here:
                raise BackendFailed(f"{self.path(name)} exists already and is no snapshot. Find out what it is.")
            self._group.drop(found)  # a program was killed before it became one
            found = None
        if found is None:
            source = self._group.find(there, origin)
            found = self._group.make(lv, lambda: self._take(lv, source))
        if found:
            self._group.wake(found)

    def delete_snapshot(self, name: str, volume: str) -> None:
        del volume  # a snapshot knows its origin
        self._delete(name)

    def set_aside(self, name: str) -> str | None:
        return self._group.set_aside(lv_name(name))

    def wipe(self, name: str, go_on: Callable[[int, int], None]) -> None:
        self._group.wipe(name, go_on)

    def revert_to_snapshot(self, volume: str, snapshot: str) -> None:
        """A thin volume is exchanged for a clone of the snapshot; into a thick one, what differs is copied."""
        lv, new = lv_name(volume), replacement(lv_name(volume))
        there = self._group.look()
        source = self._group.find(there, lv_name(snapshot))
        copies.check_source(source, there[lv].size_bytes if lv in there else source.size_bytes)
        if not source.is_thin:
            copies.put_back(self._group, self._group.find(there, lv), source)
            return
        group = self._group.name
        if new in there and there[new].origin != source.name:  # of an attempt with another snapshot
            lvm.remove(group, new)
            del there[new]
        if new not in there:
            lvm.create_thin_snapshot(group, new, source.name)
        if lv in there:
            lvm.remove(group, lv)
        lvm.rename(group, new, lv)

    def path(self, name: str) -> str:
        return str(self._group.path(lv_name(name)))

    def _new(self, name: str, pool: str) -> str:
        """The logical volume for a new volume of that name."""
        if pool != self._pool:
            raise Malformed(f"This backend has one pool, {self._pool}, and not {pool}.")
        return lv_name(name)

    def _copy(self, lv: str, size_bytes: int, source: str) -> None:
        group = self._group
        there = group.look()
        found = there.get(lv)
        if found and not found.is_half and found.size_bytes >= size_bytes:
            group.wake(found)
            return
        origin = group.find(there, source)
        copies.check_source(origin, size_bytes)
        if origin.is_thin:
            if found is None:
                group.make(lv, lambda: lvm.create_thin_snapshot(group.name, lv, source))
            group.grow(lv, size_bytes)
        else:
            if found is None:
                group.make(lv, lambda: group.create(lv, size_bytes, is_half=True))
            copies.fill(group, lv, origin)

    def _take(self, lv: str, source: LogicalVolume) -> None:
        if source.is_thin:
            lvm.create_thin_snapshot(self._group.name, lv, source.name)
        else:
            lvm.create_cow_snapshot(self._group.name, lv, source.name, copies.room_for_all(source))

    def _delete(self, name: str) -> None:
        aside = self.set_aside(name)
        if aside is not None:
            self.wipe(aside, lambda _done_bytes, _total_bytes: None)

    def _thin_pool(self) -> LogicalVolume:
        """The pool of new volumes, made now if there is none."""
        name, pool = self._group.name, self._group.pool
        found = self._group.look().get(pool) or self._group.make(pool, lambda: lvm.create_pool(name, pool))
        found = found or self._group.find(self._group.look(), pool)
        if not found.is_pool:
            raise BackendFailed(f"{name}/{pool} is no thin pool: rename it, or set lvm_type to default.")
        return found
