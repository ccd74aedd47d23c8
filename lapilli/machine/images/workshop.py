"""Between the bytes of images and those of volumes: checked, converted and compressed on this machine.

An image that is a plain disk passes straight into the volume. Any other is first a file in `image_conversion_dir`, is
looked at, and then converted by qemu-img. The file's name comes from the volume's, so that a second attempt replaces
what the first has left.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from lapilli.machine import device
from lapilli.machine.files import faults
from lapilli.machine.images import formats, qemu_img
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.images import Image
from lapilli.model.options import option
from lapilli.model.values import GIB

_CHUNK_BYTES: Final = 2**20
_BLOCK_BYTES: Final = 2**16
_ZEROS: Final = bytes(_BLOCK_BYTES)
_CLEAR_BYTES: Final = 2**26
_GZIP: Final = 31  # zlib's word for a gzip stream
# What the file of a disk may have beyond the disk: tables, and the padding of its clusters.
_OVERHEAD: Final = 1.1


_ImageFile = AbstractContextManager[tuple[str, IO[bytes]]]


@dataclass(frozen=True)
class ConversionSettings:
    """Where images are converted, and which."""

    image_conversion_dir: str = option("$state_path/conversion", help="Where images lie while they are converted.")
    image_conversion_disable: bool = option(
        False, help="Take and make raw images alone, so that none needs room in image_conversion_dir."
    )
    image_introspection_cpu_limit: int = option(
        60, low=1, legacy=("image_conversion_cpu_limit",), help="Seconds of CPU to look at the header of an image."
    )
    image_introspection_address_space_limit: int = option(
        1, low=1, legacy=("image_conversion_address_space_limit",), help="GiB of memory to look at it."
    )
    vmdk_allowed_types: tuple[str, ...] = option(
        ("streamOptimized", "monolithicSparse"), help="Kinds of VMDK that are taken; of others, none is safe to read."
    )
    compression_format: str = option(
        "gzip", choices=("gzip",), help="How images in the container `compressed` are compressed."
    )


class Workshop:
    """The `Conversions` of this machine."""

    def __init__(self, settings: ConversionSettings) -> None:
        self._folder = Path(settings.image_conversion_dir)
        self._converts = not settings.image_conversion_disable
        self._vmdk_types = settings.vmdk_allowed_types
        memory_bytes = settings.image_introspection_address_space_limit * GIB
        self._limits = qemu_img.Limits(settings.image_introspection_cpu_limit, memory_bytes)

    def fill(self, name: str, target: str, image: Image, chunks: Iterator[bytes]) -> None:
        """Give the volume at the path `target` the disk of the image, whose bytes are `chunks`; zeros follow it."""
        declared = image.disk_format or ""
        if image.container_format == "compressed":
            chunks = _inflated(chunks)
        with device.opened(target, is_written=True) as volume:
            if formats.is_plain(declared):
                seen = formats.inspected(chunks)
                end = _copy(seen, volume)
                formats.check(seen, declared, self._vmdk_types)
            else:
                file = self._file(name, image.size_bytes)
                end = self._convert(file, target, declared, chunks, volume.size_bytes)
            for offset in range(end, volume.size_bytes, _CLEAR_BYTES):
                volume.clear(offset, min(_CLEAR_BYTES, volume.size_bytes - offset))
            volume.flush()

    def _convert(
        self, place: "_ImageFile", target: str, declared: str, chunks: Iterable[bytes], room_bytes: int
    ) -> int:
        """Convert the image into the volume by way of a file, and return the bytes of its disk."""
        self._check_converts(declared)
        qemu_format = formats.qemu_name(declared)
        with place as (path, file):
            seen = formats.inspected(chunks)
            written = 0
            for chunk in seen:
                written += len(chunk)
                if written > room_bytes * _OVERHEAD + _CLEAR_BYTES:
                    raise Malformed("The image does not fit into the volume.")
                file.write(chunk)
            file.flush()
            formats.check(seen, declared, self._vmdk_types)
            disk_bytes = qemu_img.virtual_size(path, qemu_format, self._limits)
            if disk_bytes > room_bytes:
                raise Malformed(
                    f"The disk of the image has {disk_bytes / GIB:.2f} GiB and does not fit into the volume."
                )
            qemu_img.to_raw(path, qemu_format, target)
        return disk_bytes

    @contextmanager
    def made(self, name: str, source: str, disk_format: str, container_format: str) -> Iterator[Iterator[bytes]]:
        """The bytes of an image made of the volume at the path `source`, to be read within the block."""
        with self._disk_file(name, source, disk_format) as file:
            chunks = iter(lambda: file.read(_CHUNK_BYTES), b"")
            yield _deflated(chunks) if container_format == "compressed" else chunks

    @contextmanager
    def _disk_file(self, name: str, source: str, disk_format: str) -> Iterator[IO[bytes]]:
        if formats.is_plain(disk_format):
            with faults(Path(source)), open(source, "rb") as volume:  # noqa: PTH123 - a path as drivers give it
                yield volume
            return
        self._check_converts(disk_format)
        with self._file(name, 0) as (path, file):
            qemu_img.from_raw(source, formats.qemu_name(disk_format), path)
            yield file

    def clean(self, name: str) -> None:
        """Remove the file of an attempt that died."""
        path = self._path(name)
        with faults(path):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.image"

    def _check_converts(self, disk_format: str) -> None:
        if not self._converts:
            raise Malformed(f"Images of the format {disk_format} are not taken here, only raw ones.")

    @contextmanager
    def _file(self, name: str, size_bytes: int) -> Iterator[tuple[str, IO[bytes]]]:
        """An empty file for the image of a volume, gone after the block."""
        path = self._path(name)
        with faults(path):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            space = os.statvfs(self._folder)
            free = space.f_bavail * space.f_frsize
            if size_bytes > free:
                raise BackendFailed(
                    f"The image has {size_bytes / GIB:.2f} GiB, and {self._folder} has {free / GIB:.2f} GiB free. "
                    "Make room, or set image_conversion_dir to a larger file system."
                )
            try:
                with path.open("w+b") as file:
                    yield str(path), file
            finally:
                path.unlink(missing_ok=True)


def _copy(chunks: Iterable[bytes], volume: device.LocalDevice) -> int:
    """Write the chunks from the volume's start on, zeros as holes, and return where they end."""
    end = 0
    for chunk in chunks:
        if end + len(chunk) > volume.size_bytes:
            raise Malformed("The disk of the image does not fit into the volume.")
        for offset in range(0, len(chunk), _BLOCK_BYTES):
            block = chunk[offset : offset + _BLOCK_BYTES]
            if block == _ZEROS[: len(block)]:
                volume.clear(end + offset, len(block))
            else:
                volume.write(end + offset, block)
        end += len(chunk)
    return end


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What a gzip stream holds, in pieces that fit into memory however well it was packed."""
    stream = zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if plain := stream.decompress(rest, _CHUNK_BYTES):
                    yield plain
                rest = stream.unconsumed_tail
    except zlib.error as error:
        raise Malformed("The image is declared as compressed, and is no gzip stream.") from error
    if not stream.eof:
        raise Malformed("The image is declared as compressed, and its gzip stream has no end.")


def _deflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    stream = zlib.compressobj(wbits=_GZIP)
    for chunk in chunks:
        yield stream.compress(chunk)
    yield stream.flush()
