"""Processes of `lapilli`, as an operator starts them."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LAPILLI = (sys.executable, "-c", "from lapilli.cmd.main import main; main()")
WITHIN_S = 30.0


class Program:
    """A running `lapilli …`, with its output in a file."""

    def __init__(self, log: Path, *words: str, environment: Mapping[str, str] | None = None) -> None:
        self._log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [*LAPILLI, *words], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment
            )

    @property
    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_until(self, condition: Callable[[], Any]) -> None:
        """Wait until the condition holds; an end of the program before that is a failure."""
        deadline = time.monotonic() + WITHIN_S
        while not condition():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def wait_for(self, words: str) -> None:
        self.wait_until(lambda: words in self.said)

    def end(self, within_s: float = 15.0) -> int:
        """Ask the program to end, and return its exit status."""
        self.process.terminate()
        return self.process.wait(within_s)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run `lapilli …` to its end."""
    return subprocess.run([*LAPILLI, *words], capture_output=True, text=True, timeout=WITHIN_S, check=False)


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of an answer; (0, b"") when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def lives(pid: int) -> bool:
    """Whether the process is there, and not only a zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def end_daemon(pid_file: Path) -> None:
    """End a tgtd that a backend has started, which goes on after the backend."""
    if pid_file.exists():
        os.kill(int(pid_file.read_text()), 9)
