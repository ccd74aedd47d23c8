"""A driver that needs long to delete: files that go are set aside, and overwritten before their space is free."""

import os
from collections.abc import Callable
from pathlib import Path

from lapilli.drivers.directory import DirectoryDriver

PREFIX = ".aside-"
_PIECE_BYTES = 1024**2


class WipingDriver(DirectoryDriver):
    """Its own deletions are never complete by themselves, so that whoever forgets to wipe is found out."""

    def delete_volume(self, name: str) -> None:
        raise AssertionError(f"{name} was to be set aside")

    def delete_snapshot(self, name: str, volume: str) -> None:
        raise AssertionError(f"{name} of {volume} was to be set aside")

    def set_aside(self, name: str) -> str | None:
        path = Path(self.path(name))
        if path.exists():
            # The same name may be used again while the bytes of its last bearer wait.
            path.rename(path.with_name(f"{PREFIX}{path.stat().st_ino}.{name}"))
        waiting = sorted(path.parent.glob(f"{PREFIX}*.{name}"), key=lambda each: each.stat().st_ctime_ns)
        return waiting[-1].name if waiting else None

    def wipe(self, name: str, go_on: Callable[[int, int], None]) -> None:
        path = Path(self.path("any")).with_name(name)
        if not path.exists():
            return
        file = os.open(path, os.O_WRONLY)
        try:
            at = 0
            while (at := _next_data(file, at)) is not None:
                go_on(at, os.fstat(file).st_size)
                os.pwrite(file, bytes(min(_PIECE_BYTES, os.fstat(file).st_size - at)), at)
                at += _PIECE_BYTES
        finally:
            os.close(file)
        path.unlink()


def _next_data(file: int, offset: int) -> int | None:
    try:
        return os.lseek(file, offset, os.SEEK_DATA)
    except OSError:  # only a hole follows
        return None
