"""A `lapilli up` whose volume is attached to the guest, and what there is to see of that."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lapilli.host import attached
from tests.kernel.machine import wait_for
from tests.servers.process import free_port
from tests.unit.cmd.programs import LAPILLI, Program

STARTS_S = 120


class Service:
    """`lapilli up`, with a volume `v` of 1 GiB."""

    def __init__(self, place: Path, config: str) -> None:
        self._place, self._port = place, free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}/v3/admin"
        (place / "data").mkdir()
        (place / "data" / "lapilli.conf").write_text(config)
        self.start()

    def start(self) -> None:
        words = ("up", "--listen", f"127.0.0.1:{self._port}", "--data", str(self._place / "data"))
        self._program = Program(self._place / "log", *words)
        wait_within(STARTS_S, lambda: self._program.said.count("Ctrl-C ends it") or self._program.process.poll())
        assert self._program.process.poll() is None, self._program.said

    @property
    def said(self) -> str:
        return self._program.said

    def end(self) -> None:
        self._program.end(60)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "OpenStack-API-Version": "volume 3.60"}
        request = urllib.request.Request(f"{self.endpoint}{path}", data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    @property
    def volume(self) -> Any:
        return self.ask("GET", "/volumes/detail")["volumes"][0]

    @property
    def attachments(self) -> list[Any]:
        return list(self.ask("GET", "/attachments/detail")["attachments"])

    def create(self) -> None:
        self.ask("POST", "/volumes", {"volume": {"size": 1, "name": "v"}})
        wait_for(lambda: self.volume["status"] == "available")

    def lapilli(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*LAPILLI, *words], env=self._environment, capture_output=True, text=True, timeout=300, check=False
        )

    def killed(self, at: int, *words: str) -> bool:
        """Run `lapilli …`, killed before its step number `at`; false if it ended before that."""
        argv = [sys.executable, "-m", "tests.kernel.killed", str(at), *words]
        done = subprocess.run(argv, env=self._environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        return done.returncode != 0

    @property
    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        return {**own, "OS_ENDPOINT": self.endpoint}


def wait_within(seconds: float, look: Callable[[], Any]) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def devices() -> set[str]:
    """The disks that came over iSCSI, and what lies on them."""
    return {each.name for each in Path("/sys/class/block").glob("sd*")} | {
        each.name for each in Path("/sys/class/block").glob("dm-*") if "mpath" in (each / "dm/uuid").read_text()
    }


def start_of(device: str) -> bytes:
    with Path(device).open("rb") as file:
        return file.read(512)


def node_records() -> list[str]:
    return [str(path) for path in Path("/etc/iscsi/nodes").glob("*/*")]


def sessions() -> list[str]:
    return [path.name for path in Path("/sys/class/iscsi_session").glob("session*")]


def assert_nothing_is_left(service: Service) -> None:
    """Neither with the service nor in the kernel, nor in the files of iscsid and of ours."""
    assert service.attachments == []
    assert (service.volume["status"], sessions(), node_records(), attached.read_all()) == ("available", [], [], [])
    wait_for(lambda: not devices())
