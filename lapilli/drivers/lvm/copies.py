"""Copies of thick volumes: byte for byte, of one moment, and complete or known as half-made."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lapilli.drivers.lvm.group import LvmGroup
from lapilli.drivers.lvm.names import kept_source, name_of
from lapilli.machine import block_copy
from lapilli.machine.files import faults
from lapilli.machine.lvm import lvm
from lapilli.machine.lvm.reports import LogicalVolume
from lapilli.model.errors import BackendFailed, Malformed

# For what is written to a volume that nobody has open, if somebody opens it meanwhile. Where that is not enough the
# copy fails, and the next attempt finds the volume open.
_ROOM_BESIDE_UNUSED_BYTES: Final = 64 * 1024**2
_HEADER_BYTES: Final = 64 * 1024


def fill(group: LvmGroup, lv: str, source: LogicalVolume) -> None:
    """Give the half-made volume `lv` the present bytes of `source`. Of two callers, one waits for the other."""
    group.wake(source)
    group.wake(group.find(group.look(), lv))
    with _held(group.path(lv)):
        there = group.look()
        if not group.find(there, lv).is_half:
            return
        if source.is_cow:
            _copy(group, source.name, lv)
        else:
            _copy(group, _keep(group, there, lv, source), lv)
            group.drop(group.look()[kept_source(lv)])
        lvm.complete(group.name, lv)


def put_back(group: LvmGroup, volume: LogicalVolume, snapshot: LogicalVolume) -> None:
    """Give the unused volume the bytes that its copy-on-write snapshot has kept.

    What differs is written over: the snapshot keeps what it has, and other snapshots take what they still need. In
    between the volume has bytes of both. To exchange it for a copy would take its space twice, and part it from its
    snapshots, which are nothing without it; `lvconvert --merge` would take the snapshot along.
    """
    if group.is_in_use(volume.name):
        raise BackendFailed(f"{name_of(volume.name)} is in use on this machine: detach it first.")
    group.wake(snapshot)
    group.wake(volume)
    _copy(group, snapshot.name, volume.name)


def room_for_all(volume: LogicalVolume) -> int:
    """The bytes with which a copy-on-write snapshot outlives that all of its volume is overwritten.

    For each 4 KiB of the volume there are 16 bytes that say where they are, and a header.
    """
    return volume.size_bytes + volume.size_bytes // 256 + _HEADER_BYTES


def check_source(source: LogicalVolume, size_bytes: int) -> None:
    """Raise `Malformed` if the source does not fit, and `BackendFailed` if it is lost."""
    name = name_of(source.name)
    if source.size_bytes > size_bytes:
        raise Malformed(f"{name} is larger than the {size_bytes} bytes that a copy of it is to have.")
    if source.is_overflown:
        raise BackendFailed(
            f"Snapshot {name} is lost: more of its volume was overwritten than it had room for. All that can be done "
            "with it is to delete it."
        )
    if source.is_half:
        raise BackendFailed(f"{name} has not got all its bytes yet.")


def _keep(group: LvmGroup, there: Mapping[str, LogicalVolume], lv: str, source: LogicalVolume) -> str:
    """A snapshot of the source; the one of an attempt that died, if it is good still."""
    kept = kept_source(lv)
    found = there.get(kept)
    if found and not (found.is_cow and found.origin == source.name and not found.is_overflown):
        group.drop(found)
        found = None
    if found:
        group.wake(found)
    else:
        room_bytes = room_for_all(source) if source.is_open else _ROOM_BESIDE_UNUSED_BYTES
        lvm.create_cow_snapshot(group.name, kept, source.name, room_bytes)
    return kept


def _copy(group: LvmGroup, source: str, target: str) -> None:
    block_copy.copy(group.path(source), group.path(target), lambda: None)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """No other caller is within such a block of the same device. The kernel lets go of it when the process dies."""
    with faults(path):
        descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
