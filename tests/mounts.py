"""File systems of a test's own: small, read-only, or of a kind this machine does not use. They need root."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lapilli.machine.run import run
from lapilli.model.errors import CommandFailed


@contextmanager
def tmpfs(directory: Path, options: str) -> Iterator[Path]:
    """A file system in memory at `directory`, with mount options such as `size=4m` or `ro`; skips without root."""
    with _mounted(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(directory)], directory):
        yield directory


@contextmanager
def image(directory: Path, kind: str, size_mib: int = 512) -> Iterator[Path]:
    """A file system of a `kind` that has a `mkfs.<kind>`, in a file below `directory`; skips where it cannot be."""
    file = directory / "image"
    file.touch()
    with file.open("r+b") as opened:
        opened.truncate(size_mib * 1024**2)
    try:
        run([f"mkfs.{kind}", "-q", str(file)])
    except CommandFailed as why:
        pytest.skip(f"no {kind} can be made: {why}")
    mount = directory / "mount"
    mount.mkdir()
    with _mounted(["mount", "-o", "loop", str(file), str(mount)], mount):
        yield mount


@contextmanager
def _mounted(argv: list[str], directory: Path) -> Iterator[None]:
    try:
        run(argv)
    except CommandFailed as why:
        pytest.skip(f"nothing can be mounted: {why}")
    try:
        yield
    finally:
        run(["umount", str(directory)])
