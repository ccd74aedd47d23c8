"""The kinds of volumes that are measured, the groups that they lie in, and the disks beneath."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from typing import Final

from tests.kernel.machine import run, volume_group

_SECTORS_OF_GIB: Final = 2**21
_SINK: Final = "bench-sink"
_NOTES_SECTORS: Final = 2**17
_NOTES_AT: Final = 2048  # where LVM does not find them on the disk beneath as well


class Kind(StrEnum):
    """What a backend makes; the value is the backend's name."""

    PLAIN = "plain"
    """Thick, and not wiped when deleted."""
    WIPED = "wiped"
    """Thick, wiped when deleted, on a disk that forgets blocks."""
    WRITTEN = "written"
    """Thick, wiped when deleted, on a disk that has to be written to for that."""
    THIN = "thin"

    @property
    def group(self) -> str:
        """The volume group."""
        return "thick" if self in {Kind.PLAIN, Kind.WIPED} else self.value


@contextmanager
def groups() -> Iterator[None]:
    """The volume groups of all kinds, empty.

    The disks are files with holes on the guest's host. The last one is none: it keeps LVM's own notes at its start,
    and lets zeros be written to the rest, which costs the time that the kernel needs, and no disk's.
    """
    with ExitStack() as stack:
        disks = {Kind.PLAIN.group: "/dev/ubda", Kind.THIN.group: "/dev/ubdb", Kind.WRITTEN.group: _make_sink()}
        stack.callback(run, "dmsetup", "remove", "--retry", _SINK)
        for group, disk in disks.items():
            stack.enter_context(volume_group(group, disk))
        yield


def _make_sink(size_gib: int = 44) -> str:
    kept = f"0 {_NOTES_SECTORS} linear /dev/ubdc {_NOTES_AT}"
    lost = f"{_NOTES_SECTORS} {size_gib * _SECTORS_OF_GIB} zero"
    run("dmsetup", "create", _SINK, "--table", f"{kept}\n{lost}")
    run("udevadm", "settle")
    return f"/dev/mapper/{_SINK}"
