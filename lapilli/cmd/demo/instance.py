"""The `lapilli up` that `lapilli demo` starts: up, down, and gone as in a power cut."""

import contextlib
import random
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lapilli.model.errors import Unavailable

_STARTS_WITHIN_S: Final = 120
_NEEDS_PORTS: Final = 3
LAPILLI: Final[Sequence[str]] = (sys.executable, "-c", "from lapilli.cmd.main import main; main()")


class Instance:
    """`lapilli up` with its data and its log in the directory `place`."""

    def __init__(self, listen: str, place: Path) -> None:
        self.listen = listen
        self.place = place
        self.data = place / "data"
        self._log = place / "lapilli.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers. Raises `Unavailable` with what it said last if it does not."""
        with self._log.open("wb") as file:
            argv = [*LAPILLI, "up", "--listen", self.listen, "--data", str(self.data)]
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while "Ctrl-C ends it" not in self.said:
            if self._process.poll() is not None or time.monotonic() > deadline:
                last = (self.said.strip().splitlines() or ["It said nothing."])[-1]
                raise Unavailable(f"`lapilli up` does not start: {last}")
            time.sleep(0.05)

    @property
    def said(self) -> str:
        """What it has said since its last start."""
        return self._log.read_text(errors="replace")

    def end(self) -> None:
        """Ask it to end, and wait for it. If it does not run, do nothing."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def free_address() -> str:
    """HOST:PORT of this machine where that port, for the API, and the next ones, for the portals, are free."""
    while True:
        # Below the range that the kernel takes source ports from.
        port = random.randint(12000, 30000)  # noqa: S311 - nobody gains by guessing it
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for each in range(port, port + _NEEDS_PORTS):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", each))
            return f"127.0.0.1:{port}"
