"""What the test servers share: an unprivileged account, a directory, free ports, and an end by process id."""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_S = 30.0


class ServerMissing(Exception):
    """The server's package is not installed."""


def find_program(name: str, *places: str) -> str:
    """The path of a server's program; raises `ServerMissing` with what to do."""
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        raise ServerMissing(f"{name} is not installed: run `make setup-tests`")
    return found


def free_port() -> int:
    """A loopback port that nobody listens on.

    It lies below the range that the kernel takes source ports from: there, a client that keeps connecting to a
    stopped server would one day be given that very port, and be connected to itself.
    """
    while True:
        port = random.randint(12000, 30000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server(ABC):
    """A server that runs as nobody when the tests run as root, for most servers refuse to be root."""

    url: str
    # What asks the server to end in order. It must not wait for clients to leave.
    stop_signal = signal.SIGTERM
    starts_within_s = 60.0

    def __init__(self) -> None:
        # Not below pytest's own directory: only root may enter that.
        self.directory = Path(tempfile.mkdtemp(prefix=f"lapilli-{type(self).__name__.lower()}-"))
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)

    def start(self) -> None:
        """Start the server and return when it answers. If it runs, do nothing."""
        if self.running:
            return
        if self._process is None:
            self.prepare()
        self._process = self.spawn(*self.command())
        deadline = time.monotonic() + self.starts_within_s
        while not self.answers():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{type(self).__name__} did not start:\n{self.end_of_log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server in order. If it does not run, do nothing."""
        if self._process and self.running:
            self._process.send_signal(self.stop_signal)
            self._process.wait(STOP_S)

    def kill(self) -> None:
        """End the server and its children as a power cut would. If it does not run, do nothing."""
        if self._process and self.running:
            children = _descendants(self._process.pid)
            self._process.kill()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            self._process.wait()

    def remove(self) -> None:
        """End the server and delete all that it kept."""
        self.kill()
        shutil.rmtree(self.directory)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def end_of_log(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]

    @abstractmethod
    def prepare(self) -> None:
        """Fill the directory, before the first start."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments; it must stay in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client is served now."""

    def environment(self) -> Mapping[str, str]:
        return {}

    def spawn(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a program under the server's account; it dies with this process, however this process dies."""
        account = []
        if os.geteuid() == 0:
            account = ["--reuid=nobody", f"--regid={pwd.getpwnam('nobody').pw_gid}", "--clear-groups"]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                ["setpriv", *account, "--pdeathsig=KILL", "--", *argv],
                cwd=self.directory,
                env={"PATH": os.environ["PATH"], "HOME": str(self.directory), "LC_ALL": "C", **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, *argv: str) -> None:
        """Run a program of the server's to its end."""
        if self.spawn(*argv).wait(self.starts_within_s):
            raise RuntimeError(f"{argv[0]} failed:\n{self.end_of_log()}")


def _descendants(pid: int) -> Sequence[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [*children, *(grandchild for child in children for grandchild in _descendants(child))]
