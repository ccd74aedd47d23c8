"""Compression by streams: objects are as large as the operator likes, and memory holds a piece of one.

The labels are Cinder's. `gzip` is a raw zlib stream, as there.
"""

import bz2
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Final, Protocol, cast

import zstandard

from lapilli.backup.zeros import PIECE_BYTES
from lapilli.model.errors import Malformed

_JUDGED_BYTES: Final = 16 * 1024**2
"""After so many bytes that did not shrink, the rest is not tried."""

NONE: Final = "none"
_CANONICAL: Final[Mapping[str, str]] = {
    "none": NONE, "off": NONE, "no": NONE,
    "zlib": "zlib", "gzip": "zlib",
    "bz2": "bz2", "bzip2": "bz2",
    "zstd": "zstd",
}  # fmt: skip
LABELS: Final = tuple(_CANONICAL)


class DoesNotShrink(Exception):
    """The bytes are better stored as they are."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


_COMPRESSORS: Final[Mapping[str, Callable[[int], _Compressor]]] = {
    "zlib": lambda _length: zlib.compressobj(),
    "bz2": lambda _length: bz2.BZ2Compressor(),
    # Readers that take the whole object at once want its size in the frame's header.
    "zstd": lambda length: zstandard.ZstdCompressor().compressobj(size=length),
}


def canonical(label: str) -> str:
    """`none`, `zlib`, `bz2` or `zstd`, for any of Cinder's words; `Malformed` for another word."""
    found = _CANONICAL.get(label.lower())
    if found is None:
        raise Malformed(f"Compression {label!r} is not known; there is {', '.join(LABELS)}.")
    return found


def compress(pieces: Iterable[bytes], label: str, length: int) -> Iterator[bytes]:
    """The pieces, `length` bytes in all, compressed; raises `DoesNotShrink` as soon as that is seen to be useless."""
    compressor = _COMPRESSORS[canonical(label)](length)
    taken = given = 0
    for piece in pieces:
        squeezed = compressor.compress(piece)
        taken, given = taken + len(piece), given + len(squeezed)
        if taken >= _JUDGED_BYTES and given >= taken:
            raise DoesNotShrink
        if squeezed:
            yield squeezed
    rest = compressor.flush()
    if given + len(rest) >= length:
        raise DoesNotShrink
    yield rest


def expand(pieces: Iterable[bytes], label: str) -> Iterator[bytes]:
    """The bytes that were compressed, in pieces of at most `PIECE_BYTES`.

    Raises `ValueError` where the pieces are no such stream. Whether it is complete is for the caller to find out.
    """
    algorithm = canonical(label)
    if algorithm == NONE:
        return iter(pieces)
    return {"zlib": _inflate, "bz2": _expand_bz2, "zstd": _expand_zstd}[algorithm](pieces)


def _inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    try:
        for piece in pieces:
            rest = piece
            while rest:
                yield stream.decompress(rest, PIECE_BYTES)
                rest = stream.unconsumed_tail
        # What the last piece still gives, when it expands to more than fits in one.
        while not stream.eof and (more := stream.decompress(b"", PIECE_BYTES)):
            yield more
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _expand_bz2(pieces: Iterable[bytes]) -> Iterator[bytes]:
    stream = bz2.BZ2Decompressor()
    try:
        for piece in pieces:
            yield stream.decompress(piece, PIECE_BYTES)
            while not stream.needs_input and not stream.eof:
                yield stream.decompress(b"", PIECE_BYTES)
    except (OSError, EOFError) as error:
        raise ValueError(str(error)) from error


def _expand_zstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    try:
        file = cast("IO[bytes]", _Pipe(pieces))
        yield from zstandard.ZstdDecompressor().read_to_iter(file, write_size=PIECE_BYTES)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


class _Pipe:
    """Pieces as the file that a decompressor reads from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken
