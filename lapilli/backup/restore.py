"""Write the bytes of a backup to a device, each object proved by its digest; and delete a backup's objects."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lapilli.backup import compression, manifest
from lapilli.backup.manifest import Entry, Manifest
from lapilli.backup.names import Address
from lapilli.backup.write import Watch
from lapilli.backup.zeros import are_zeros, md5_of
from lapilli.model.errors import Conflict
from lapilli.model.protocols.backups import BackupStore, Device

_STRETCH_BYTES: Final = 64 * 1024
"""Zeros are looked for in stretches of this length, which is what stays sparse."""


def read_chain(store: BackupStore, chain: Sequence[Address]) -> list[Manifest]:
    """The manifests of a full backup and the incremental ones on top of it, in this order; all their objects exist.

    Raises `BackendFailed` or `Conflict`, naming the object, as `manifest.read` does.
    """
    return [manifest.read(store, address) for address in chain]


def restore(device: Device, store: BackupStore, chain: Sequence[Manifest], watch: Watch) -> None:
    """Give the device the bytes of the last backup of the chain. May be called again: all is written anew.

    Zeros are not written where they are already, and where they are not, space is given back. Raises `Conflict`,
    naming the object, when one does not hold what its manifest says; the device is then half restored.
    """
    for backup in chain:
        lengths = Counter(entry.length for entry in backup.entries)
        for entry in backup.entries:
            _check_fits(device, entry)
            # The digest says what the bytes are. To know that of zeros is worth it where a length occurs again.
            if lengths[entry.length] > 1 and entry.md5 == md5_of(entry.length):
                watch(entry.length)
                device.clear(entry.offset, entry.length)
                continue
            stored = store.get(backup.address.container, entry.name)
            _write(device, entry.offset, _proved(compression.expand(stored, entry.compression), entry), watch)
    device.flush()


def _check_fits(device: Device, entry: Entry) -> None:
    if entry.offset + entry.length > device.size_bytes:
        raise Conflict(f"Object {entry.name} ends behind the end of the volume, which is too small for this backup.")


def _proved(pieces: Iterable[bytes], entry: Entry) -> Iterator[bytes]:
    """The pieces; `Conflict` unless they are, together, what the manifest says."""
    md5 = hashlib.md5(usedforsecurity=False)
    length = 0
    try:
        for piece in pieces:
            md5.update(piece)
            length += len(piece)
            if length > entry.length:
                break
            yield piece
    except ValueError as error:
        raise Conflict(f"Object {entry.name} is damaged: it cannot be expanded ({error}).") from error
    if length != entry.length:
        raise Conflict(f"Object {entry.name} is damaged: it does not hold the {entry.length} bytes that it should.")
    if md5.hexdigest() != entry.md5:
        raise Conflict(f"Object {entry.name} is damaged: its bytes are not those that were backed up.")


def _write(device: Device, offset: int, pieces: Iterable[bytes], watch: Watch) -> None:
    for stretch in _stretches(pieces):
        watch(len(stretch))
        if are_zeros(stretch):
            device.clear(offset, len(stretch))
        else:
            device.write(offset, stretch)
        offset += len(stretch)


def _stretches(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, however they were cut, in stretches of one length, but for zeros and the last."""
    waiting = bytearray()
    for piece in pieces:
        if not waiting and len(piece) % _STRETCH_BYTES == 0 and are_zeros(piece):
            yield piece  # as a whole: most of a sparse volume comes by here
            continue
        waiting += piece
        while len(waiting) >= _STRETCH_BYTES:
            yield bytes(waiting[:_STRETCH_BYTES])
            del waiting[:_STRETCH_BYTES]
    if waiting:
        yield bytes(waiting)


def remove(store: BackupStore, address: Address) -> None:
    """Make the backup's objects not exist. The manifest goes first, so that what is left counts for nothing."""
    store.delete(address.container, address.metadata)
    store.delete_all(address.container, address.prefix)
