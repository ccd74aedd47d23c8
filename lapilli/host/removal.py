"""Taking a volume away from this machine: what is mounted, its devices, its sessions."""

from pathlib import Path

from lapilli.host import leftovers, mounts
from lapilli.host.attached import Record
from lapilli.host.initiator import Initiator


def remove(initiator: Initiator, record: Record, *, is_lost: bool) -> None:
    """Leave nothing of the volume on this machine but its record. May be called again.

    A volume that `is_lost` has no target any more to write to, and what was not written is dropped. Raises `Conflict`
    if somebody uses the device beside the file system that `attach` has mounted; then all is as it was, but for what is
    lost anyway.
    """
    devices = initiator.paths(record.connection, multipath=record.is_multipath)
    known = [*devices, *([Path(record.device)] if record.device else [])]
    if is_lost:
        leftovers.give_up(record.connection)  # first: until then, whoever touches a device waits for its target
    if known and record.mountpoint:
        mounts.unmount(known[0], Path(record.mountpoint))
    mounts.refuse_used(devices)
    initiator.disconnect(record.connection, multipath=record.is_multipath, lost=is_lost)
    leftovers.end_maps(known)
    leftovers.end_controllers(record.connection)
