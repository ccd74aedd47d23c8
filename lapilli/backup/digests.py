"""The SHA-256 of each block of a volume: what an incremental backup is made against.

In memory they are 32 bytes a block, 100 MiB for 100 GiB of volume; the object in the store is Cinder's JSON.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from lapilli.backup.zeros import are_zeros
from lapilli.model.errors import Conflict

_DIGEST_BYTES: Final = 32
_PER_PIECE: Final = 4096
_VERSION: Final = "1.0.0"


@dataclass(frozen=True)
class Digests:
    """The digests of a volume's blocks, one after the other. The last block may be shorter than the others."""

    block_bytes: int
    raw: bytes

    def of(self, block: int) -> bytes:
        """The digest of the block of that number, from 0 on; empty behind the end."""
        return self.raw[block * _DIGEST_BYTES : (block + 1) * _DIGEST_BYTES]


def digests_of(pieces: Iterable[bytes], block_bytes: int) -> bytes:
    """The digests of the blocks of the pieces, each of which is made of whole blocks but for the last."""
    found = bytearray()
    for piece in pieces:
        if len(piece) % block_bytes == 0 and are_zeros(piece):
            found += _of_zeros(block_bytes) * (len(piece) // block_bytes)
            continue
        view = memoryview(piece)
        for start in range(0, len(piece), block_bytes):
            found += hashlib.sha256(view[start : start + block_bytes]).digest()
    return bytes(found)


def are_of_zeros(digests: bytes, block_bytes: int) -> bool:
    """Whether the digests are those of whole blocks of zeros."""
    return digests == _of_zeros(block_bytes) * (len(digests) // _DIGEST_BYTES)


@cache
def _of_zeros(block_bytes: int) -> bytes:
    return hashlib.sha256(bytes(block_bytes)).digest()


def changed_runs(new: bytes, old: Digests, first: int) -> Iterator[tuple[int, int]]:
    """Runs of blocks whose digests differ, as (first, behind the last); `new` are those of the blocks from `first`.

    Blocks that the old volume did not have yet differ.
    """
    begun: int | None = None
    behind = first + len(new) // _DIGEST_BYTES
    for block in range(first, behind):
        at = (block - first) * _DIGEST_BYTES
        if new[at : at + _DIGEST_BYTES] != old.of(block):
            begun = block if begun is None else begun
        elif begun is not None:
            yield begun, block
            begun = None
    if begun is not None:
        yield begun, behind


def to_json(digests: Digests, about: Mapping[str, Any]) -> Iterator[bytes]:
    """The `_sha256file` object, in pieces; `about` are the fields that tell of which backup it is."""
    fields = {**about, "chunk_size": digests.block_bytes, "sha256s": [], "version": _VERSION}
    before, after = json.dumps(fields, indent=2, sort_keys=True).split('"sha256s": []')
    yield f'{before}"sha256s": ['.encode()
    separator = "\n    "
    step = _PER_PIECE * _DIGEST_BYTES
    for start in range(0, len(digests.raw), step):
        part = digests.raw[start : start + step]
        words = (f'"{part[at : at + _DIGEST_BYTES].hex()}"' for at in range(0, len(part), _DIGEST_BYTES))
        yield (separator + ",\n    ".join(words)).encode()
        separator = ",\n    "
    yield f"\n  ]{after}".encode()


def from_json(pieces: Iterable[bytes], name: str) -> Digests:
    """Read the object `name`. Raises `Conflict` when it is not what `to_json` writes.

    The list is cut out and read as one long number: as Python's strings it would be four times as large.
    """
    whole = b"".join(pieces)
    try:
        start = whole.index(b"[", whole.index(b'"sha256s"')) + 1
        end = whole.index(b"]", start)
        raw = bytes.fromhex(whole[start:end].translate(None, b'", \r\n\t').decode("ascii"))
        block_bytes = json.loads(whole[:start] + whole[end:])["chunk_size"]
    except (ValueError, KeyError, TypeError) as error:
        raise Conflict(f"Object {name} is damaged: it is no list of digests. Make a full backup.") from error
    if not isinstance(block_bytes, int) or block_bytes < 1 or len(raw) % _DIGEST_BYTES:
        raise Conflict(f"Object {name} is damaged: its digests are incomplete. Make a full backup.")
    return Digests(block_bytes, raw)
