"""Write a backup: the device is read window by window, and what is new of it becomes objects.

It may be called again after a crash: objects of the same names that hold the right bytes are left as they are.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from lapilli.backup import compression, digests, manifest, zeros
from lapilli.backup.digests import Digests
from lapilli.backup.manifest import About, Entry
from lapilli.backup.names import Address
from lapilli.model.errors import Conflict
from lapilli.model.protocols.backups import BackupStore, Device

Watch = Callable[[int], None]
"""Called between the pieces, with the number of bytes that are done with since the last call; may raise to end it."""


@dataclass(frozen=True)
class Writing:
    """What a backup is made with. `label` is one of Cinder's words for a compression."""

    device: Device
    store: BackupStore
    address: Address
    label: str
    watch: Watch


def write(writing: Writing, about: About, parent: Address | None) -> int:
    """Make the backup exist, complete; against the digests of `parent`, if it is an incremental one.

    Returns how many data objects there are. Raises `BackendFailed`, or `Conflict` when the parent does not serve.
    """
    store, address = writing.store, writing.address
    complete = manifest.find(store, address)
    if complete is not None:
        return len(complete.entries)
    # What a crash left of the metadata is no sign of a complete backup while its objects change.
    store.delete(address.container, address.metadata)
    old = _digests_of_parent(store, parent) if parent else None
    there = frozenset(store.names(address.container, address.prefix))
    found, entries = _write_objects(writing, old, there)
    for name in sorted(there - {entry.name for entry in entries}):
        if address.is_data(name):
            store.delete(address.container, name)
    store.put(address.container, address.digests, digests.to_json(found, about.common()))
    store.put(address.container, address.metadata, [manifest.to_json(about, entries)])
    return len(entries)


def _digests_of_parent(store: BackupStore, parent: Address) -> Digests:
    old = digests.from_json(store.get(parent.container, parent.digests), parent.digests)
    if old.block_bytes != store.block_bytes:
        raise Conflict(
            f"The backup to build on has digests of {old.block_bytes} bytes, and this service makes them of "
            f"{store.block_bytes}. Make a full backup."
        )
    return old


def _write_objects(writing: Writing, old: Digests | None, there: frozenset[str]) -> tuple[Digests, list[Entry]]:
    block_bytes = writing.store.block_bytes
    found = bytearray()
    entries: list[Entry] = []
    for start, end in windows(writing.device.size_bytes, writing.store.object_bytes):
        new = digests.digests_of(_pieces(writing, start, end), block_bytes)
        found += new
        are_zeros = digests.are_of_zeros(new, block_bytes)
        runs: Iterable[tuple[int, int]] = [(start, end)]
        if old is not None:
            blocks = digests.changed_runs(new, old, start // block_bytes)
            runs = ((first * block_bytes, min(behind * block_bytes, end)) for first, behind in blocks)
        for run in runs:
            name = writing.address.data(len(entries) + 1)
            if are_zeros and run == (start, end):
                entries.append(_write_zeros(writing, name, run))
            else:
                entries.append(_write_object(writing, name, run, is_there=name in there))
        writing.watch(end - start)
    return Digests(block_bytes, bytes(found)), entries


def windows(size_bytes: int, object_bytes: int) -> Iterator[tuple[int, int]]:
    """The parts of a device that are read at once, as (start, end) in bytes."""
    for start in range(0, size_bytes, object_bytes):
        yield start, min(start + object_bytes, size_bytes)


def _pieces(writing: Writing, start: int, end: int) -> Iterator[bytes]:
    """The bytes of the device, in pieces of whole blocks."""
    step = max(zeros.PIECE_BYTES // writing.store.block_bytes, 1) * writing.store.block_bytes
    for offset in range(start, end, step):
        writing.watch(0)
        yield writing.device.read(offset, min(step, end - offset))


def _write_object(writing: Writing, name: str, run: tuple[int, int], *, is_there: bool) -> Entry:
    start, end = run
    length = end - start
    if is_there:
        md5 = _md5(_pieces(writing, start, end))
        label = _label_if_right(writing, name, length, md5)
        if label is not None:
            return Entry(name, start, length, label, md5)
    container = writing.address.container
    label = writing.label.lower()
    summed = _Summed(_pieces(writing, start, end))
    if compression.canonical(label) != compression.NONE:
        try:
            writing.store.put(container, name, compression.compress(summed, label, length))
            return Entry(name, start, length, label, summed.md5)
        except compression.DoesNotShrink:
            summed = _Summed(_pieces(writing, start, end))
    writing.store.put(container, name, summed)
    return Entry(name, start, length, compression.NONE, summed.md5)


def _write_zeros(writing: Writing, name: str, run: tuple[int, int]) -> Entry:
    """A window of zeros, of which a sparse volume has many, is summed and compressed once for all of them."""
    start, end = run
    length = end - start
    label = writing.label.lower()
    compressed = _compressed_zeros(length, label)
    if compressed is None:
        label = compression.NONE
    writing.store.put(writing.address.container, name, compressed or zeros.pieces(length))
    return Entry(name, start, length, label, zeros.md5_of(length))


@lru_cache(maxsize=4)
def _compressed_zeros(length: int, label: str) -> tuple[bytes, ...] | None:
    """None where it is no shorter."""
    if compression.canonical(label) == compression.NONE:
        return None
    try:
        return tuple(compression.compress(zeros.pieces(length), label, length))
    except compression.DoesNotShrink:
        return None


def _label_if_right(writing: Writing, name: str, length: int, md5: str) -> str | None:
    """The compression in which the object that is there holds these bytes, or None if it holds others."""
    for label in dict.fromkeys((writing.label.lower(), compression.NONE)):
        stored = writing.store.get(writing.address.container, name)
        try:
            summed = _Summed(compression.expand(stored, label))
            if sum(map(len, summed)) == length and summed.md5 == md5:
                return label
        except ValueError:
            continue
    return None


def _md5(pieces: Iterable[bytes]) -> str:
    summed = _Summed(pieces)
    for _ in summed:
        pass
    return summed.md5


class _Summed:
    """Pieces that are summed up as they go by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._sum: Final[Any] = hashlib.md5(usedforsecurity=False)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._sum.update(piece)
            yield piece

    @property
    def md5(self) -> str:
        """Of the pieces that went by, in hexadecimal digits."""
        return str(self._sum.hexdigest())
