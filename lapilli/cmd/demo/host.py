"""The host of `lapilli demo --kernel`: this machine, with what is attached to it and what was written."""

import contextlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lapilli.cmd.demo.node import lapilli, size_of
from lapilli.cmd.demo.steps import compare, digest, wait
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB


class Host:
    """`written` is the digest of what was written last to the file on a volume; directories are below `place`."""

    def __init__(self, endpoint: str, place: Path) -> None:
        self._endpoint = endpoint
        self._place = place
        self._devices: dict[str, str] = {}
        self.written = ""

    @contextmanager
    def clean(self) -> Iterator[None]:
        """In the end, whatever happened, nothing of the demo is on this machine."""
        try:
            yield
        finally:
            for volume in list(self._devices):
                with contextlib.suppress(BackendFailed):  # what went wrong before is the news
                    lapilli("detach", "--local", volume)

    def attach(self, volume: str, *words: str) -> str:
        self._devices.setdefault(volume, "")
        self._devices[volume] = lapilli("attach", *words, volume, endpoint=self._endpoint)
        return f"{self._devices[volume]}, {size_of(self._devices[volume]) / GIB:g} GiB"

    def make_file_system(self, volume: str) -> str:
        run(["mkfs.ext4", "-q", self._devices[volume]])
        return self.mount(volume)

    def mount(self, volume: str) -> str:
        """Attach a volume, unless it is, and mount its file system."""
        self._at(volume).mkdir(exist_ok=True)
        self.attach(volume, "--mountpoint", str(self._at(volume)))
        return f"{self._devices[volume]} at {self._at(volume)}"

    def write(self, volume: str, size_mib: int) -> str:
        with self._file(volume).open("wb") as file:
            for _ in range(size_mib):
                file.write(os.urandom(1024**2))
            file.flush()
            os.fsync(file.fileno())
        self.written = digest(self._file(volume))
        return self.compare(volume)

    @contextmanager
    def load(self, volume: str) -> Iterator[None]:
        """Another file is written to until the block ends."""
        ended = threading.Event()

        def write() -> None:
            with (self._at(volume) / "load").open("wb", buffering=0) as file:
                while not ended.wait(0.01):
                    file.write(os.urandom(65536))
                    os.fsync(file.fileno())
                    file.seek(0 if file.tell() > 64 * 1024**2 else file.tell())

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def compare(self, volume: str, expected: str = "") -> str:
        """Read the file from the device, past this kernel's memory of it."""
        with self._file(volume).open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return compare(self._file(volume), expected or self.written)

    def look_into(self, volume: str, expected: str) -> str:
        self.mount(volume)
        said = self.compare(volume, expected)
        self.detach(volume)
        return said

    def rescan(self, volume: str, size_gib: int) -> str:
        self.attach(volume)
        found = size_of(self._devices[volume])
        if found != size_gib * GIB:
            raise BackendFailed(f"The host sees {found} bytes, not {size_gib} GiB.")
        run(["resize2fs", self._devices[volume]])
        return f"{self._devices[volume]} has {size_gib} GiB, and so has its file system"

    def detach(self, volume: str) -> None:
        lapilli("detach", volume, endpoint=self._endpoint)
        if Path(self._devices.pop(volume)).exists():
            raise BackendFailed(f"Volume {volume} is detached, and its device is there still.")

    def wait_for_session(self, volume: str) -> None:
        state = Path("/sys/class/block", Path(self._devices[volume]).name, "device/state")
        wait(lambda: state.read_text().strip() == "running", "The session does not come back")

    def write_more(self, volume: str) -> None:
        with (self._at(volume) / "more").open("wb") as file:
            file.write(os.urandom(1024**2))
            file.flush()
            os.fsync(file.fileno())

    def _at(self, volume: str) -> Path:
        return self._place / volume

    def _file(self, volume: str) -> Path:
        return self._at(volume) / "written"
