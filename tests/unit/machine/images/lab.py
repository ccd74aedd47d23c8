"""Files of images, made by the real qemu-img."""

import subprocess
from pathlib import Path

KIB = 1024


def disk(path: Path, *, size_bytes: int = 1024 * KIB) -> bytes:
    """A disk with some bytes at both ends; what it holds."""
    data = b"begin" * 1000 + bytes(size_bytes - 8000) + b"end" * 1000
    path.write_bytes(data)
    return data


def made(folder: Path, disk_format: str, *options: str) -> tuple[bytes, bytes]:
    """The bytes of an image in QEMU's name of a format, and those of its disk."""
    plain, path = folder / "disk", folder / f"disk.{disk_format}"
    data = disk(plain)
    qemu_img("convert", "-f", "raw", "-O", disk_format, *(("-o", ",".join(options)) if options else ()), plain, path)
    return path.read_bytes(), data


def qemu_img(*words: str | Path) -> None:
    subprocess.run(["qemu-img", *map(str, words)], check=True, stdout=subprocess.DEVNULL)
