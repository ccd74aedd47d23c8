"""How logical volumes that others have made are taken over, and handed back."""

from collections.abc import Mapping, Sequence

from lapilli.drivers.lvm.group import LvmGroup
from lapilli.drivers.lvm.names import is_own, lv_name, name_of
from lapilli.drivers.references import name_in
from lapilli.machine.lvm import lvm
from lapilli.machine.lvm.reports import LogicalVolume
from lapilli.model.errors import Malformed, NotFound
from lapilli.model.protocols.storage import Existing
from lapilli.model.values import GIB


class LvmManagesExisting:
    """`ManagesExisting` for the volumes of a group."""

    _group: LvmGroup

    def existing(self) -> Sequence[Existing]:
        """All volumes but LVM's own and ours. Between thin snapshots and thin clones there is no difference."""
        shown = [each for each in self._group.look().values() if not (each.is_internal or is_own(each.name))]
        return [
            Existing(
                name=name_of(each.name),
                size_bytes=each.size_bytes,
                is_snapshot=None if each.is_thin else each.is_cow,
                origin=each.origin and name_of(each.origin),
            )
            for each in shown
        ]

    def existing_name(self, reference: Mapping[str, str]) -> str:
        """The name as LVM shows it, or as its snapshot is called, mean the same."""
        return name_of(lv_name(name_of(name_in(reference))))

    def adopt(self, name: str, existing: str, size_gib: int) -> None:
        old, new = lv_name(existing), lv_name(name)
        there = self._group.look()
        if new not in there:
            if old not in there:
                raise NotFound("Logical volume", f"{self._group.name}/{old}")
            self._check_free(there, there[old])
            lvm.rename(self._group.name, old, new)
        found = there.get(new) or there[old]
        # A copy-on-write snapshot has the size of its origin, for ever.
        if found.is_cow:
            self._group.wake(found)
        else:
            self._group.grow(new, size_gib * GIB)

    def release(self, name: str, existing: str) -> None:
        if lv_name(name) in self._group.look():
            lvm.rename(self._group.name, lv_name(name), lv_name(existing))

    def _check_free(self, there: Mapping[str, LogicalVolume], volume: LogicalVolume) -> None:
        """Raise `Malformed` for what is no volume by itself."""
        if volume.is_internal or is_own(volume.name):
            raise Malformed(f"{volume.name} is a part of other volumes, and none itself.")
        if snapshots := [each.name for each in there.values() if each.is_cow and each.origin == volume.name]:
            raise Malformed(
                f"{volume.name} has snapshots that would be lost with it ({', '.join(snapshots)}): remove them first."
            )
        if self._group.is_in_use(volume.name):
            raise Malformed(f"{volume.name} is in use on this machine: unmount it, or stop what has it open, first.")
