"""`lapilli attach` where multipathd runs: one device over two portals, one of which goes away."""

import mmap
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Self

import pytest

from tests.kernel.host.looks import assert_nothing_is_left, is_map, maps, paths, sessions
from tests.kernel.host.service import Volume, second_portal
from tests.kernel.machine import run, wait_for

BLOCK = 65536
BLOCKS = 256


@pytest.fixture
def multipathd() -> Iterator[None]:
    daemon = subprocess.Popen(["multipathd", "-d"], start_new_session=True, stdout=subprocess.DEVNULL)
    wait_for(lambda: "multipathd" in Path("/proc/net/unix").read_text())
    yield
    daemon.terminate()
    daemon.wait()


@contextmanager
def one_portal_away() -> Iterator[None]:
    second_portal("delete")
    try:
        yield
    finally:
        second_portal("add")


def attached(volume: Volume) -> str:
    """The volume's device, which is one over several paths."""
    done = volume.service.lapilli("attach", "v")
    assert done.returncode == 0, done.stderr
    device = done.stdout.strip()
    assert is_map(Path(device).name)
    return device


def states(device: str) -> str:
    """Of each path: A for active, F for failed."""
    words = run("dmsetup", "status", device).split()
    return "".join(word for before, word in pairwise(words) if ":" in before and word in {"A", "F"})


class Writer:
    """Writes block after block past this kernel's memory, until it is told to end."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.written = 0
        self.fault: OSError | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _write(self) -> None:
        file = os.open(self._device, os.O_WRONLY | os.O_DIRECT)
        buffer = mmap.mmap(-1, BLOCK)  # aligned, as the kernel wants it
        try:
            while not self._ended.is_set():
                buffer[:] = self._content(self.written)
                os.pwrite(file, buffer, self.written % BLOCKS * BLOCK)
                self.written += 1
        except OSError as error:
            self.fault = error
        finally:
            os.close(file)

    def goes_on(self) -> None:
        """Return when more is written than now."""
        before = self.written
        wait_for(lambda: self.fault or self.written > before)
        assert self.fault is None

    def compare(self) -> None:
        """What was written last to each block is there."""
        run("blockdev", "--flushbufs", self._device)
        with Path(self._device).open("rb") as file:
            for number in range(max(0, self.written - BLOCKS), self.written):
                file.seek(number % BLOCKS * BLOCK)
                assert file.read(BLOCK) == self._content(number)

    @staticmethod
    def _content(number: int) -> bytes:
        return number.to_bytes(8, "little") * (BLOCK // 8)


def test_bytes_go_on_when_a_portal_goes_away(volume: Volume, multipathd: None) -> None:
    """And it serves again when it is back; nothing is left of either path."""
    device = attached(volume)
    wait_for(lambda: states(device) == "AA")
    with Writer(device) as writer:
        writer.goes_on()
        with one_portal_away():
            wait_for(lambda: "F" in states(device))
            writer.goes_on()
        wait_for(lambda: states(device) == "AA")
        writer.goes_on()
    writer.compare()
    other = volume.service.lapilli("attach", "--no-multipath", "v")
    assert other.returncode == 1
    assert "is attached with multipath" in other.stderr
    assert volume.service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(volume)


def test_attach_and_detach_while_a_portal_is_away(volume: Volume, multipathd: None) -> None:
    """One path is enough; a second call finds the other when it is there. Of a dead path nothing is left."""
    with one_portal_away():
        device = attached(volume)
        assert states(device) == "A"
    assert attached(volume) == device
    wait_for(lambda: states(device) == "AA")
    with one_portal_away():
        wait_for(lambda: "F" in states(device))
        done = volume.service.lapilli("detach", "v")
        assert done.returncode == 0, done.stderr
        assert_nothing_is_left(volume)


def test_a_mounted_volume_that_somebody_else_has_detached(volume: Volume, multipathd: None, tmp_path: Path) -> None:
    """No write waits for a path, and the multipath device goes with the mount."""
    device = attached(volume)
    run("mkfs.ext4", "-q", device)
    assert volume.service.lapilli("attach", "--mountpoint", str(tmp_path), "v").returncode == 0
    (tmp_path / "file").write_bytes(os.urandom(2**20))
    volume.detach_at_the_service()
    done = volume.service.lapilli("detach", "v")
    assert done.returncode == 0, done.stderr
    assert_nothing_is_left(volume)


def test_one_path_where_multipathd_shall_not_have_it(volume: Volume, multipathd: None) -> None:
    """`--no-multipath` is a plain disk."""
    done = volume.service.lapilli("attach", "--no-multipath", "v")
    assert done.returncode == 0, done.stderr
    assert (maps(), paths(), len(sessions())) == ([], [Path(done.stdout.strip()).name], 1)
    assert volume.service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(volume)


def test_multipath_without_its_daemon_is_refused(volume: Volume) -> None:
    """Before anything is reserved."""
    refused = volume.service.lapilli("attach", "--multipath", "v")
    assert refused.returncode == 1
    assert "multipathd does not run" in refused.stderr
    assert_nothing_is_left(volume)
