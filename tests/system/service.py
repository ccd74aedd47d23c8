"""`lapilli up` as a process of its own: ended in order, or killed and started again on the same data."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lapilli.db.engine import Database
from lapilli.targets.tgt_control import TgtControl
from tests.crash.survey import Place, problems
from tests.crash.tgt import remove_socket
from tests.servers.process import free_port

PROJECT = "demo"
CONNECTOR = {"initiator": "iqn.2026-11.org.example:host", "host": "host", "ip": "127.0.0.1", "multipath": False}
_LAPILLI = Path(sys.executable).parent / "lapilli"
_WAITS_S = 60


class Service:
    """The command, its directory, and a client.

    `config` is the text of its configuration file. Of `hidden` files it sees others: what is mounted over them.
    """

    def __init__(self, directory: Path, config: str = "", hidden: Mapping[Path, Path] | None = None) -> None:
        self.port = _free_pair()
        self.data = directory / "data"
        self.log = directory / "up.log"
        self.endpoint = f"http://127.0.0.1:{self.port}/v3/{PROJECT}"
        self._config = directory / "lapilli.conf"
        self.configure(config or "[DEFAULT]\nhost = node\n")
        self._hidden = hidden or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._control = TgtControl(self.port % 32768, by_socket=True)

    def configure(self, text: str) -> None:
        """What it reads at its next start."""
        self._config.write_text(text)

    def spawn(self) -> None:
        """Start it, and do not wait."""
        argv = ["setpriv", "--pdeathsig=KILL", "--"]
        if self._hidden:
            mounts = [f"mount --bind {instead} {path}" for path, instead in self._hidden.items()]
            argv += ["unshare", "--mount", "sh", "-c", " && ".join([*mounts, 'exec "$@"']), "sh"]
        argv += [str(_LAPILLI), "up", "--listen", f"127.0.0.1:{self.port}"]
        argv += ["--data", str(self.data), "--config", str(self._config)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.spawn()
        until(self._answers, lambda: f"it does not come up: {self.said()}")

    def kill(self) -> None:
        """End it as a power cut would; its tgtd goes on."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(_WAITS_S)

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self._process
        return self._process.wait(_WAITS_S)

    def remove(self) -> None:
        """End everything that it started."""
        if self._process and self._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.stop()
        self.kill()
        self.kill_tgtd()
        remove_socket(self.port % 32768)
        shutil.rmtree(self.data, ignore_errors=True)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    @property
    def tgtd_pid(self) -> int | None:
        """The process that exports its volumes, or None."""
        return self._control.daemon_pid()

    def kill_tgtd(self) -> None:
        """End its tgtd as a crash would."""
        if pid := self._control.daemon_pid():
            os.kill(pid, signal.SIGKILL)
            until(lambda: self._control.daemon_pid() != pid, lambda: "tgtd does not end")

    def send(self, method: str, path: str, body: Any = None, *, roles: str = "", project: str = PROJECT) -> "Answer":
        """One request below the project's URL, at the newest microversion."""
        headers = {"X-Auth-Token": f"someone:{project}", "OpenStack-API-Version": "volume 3.71"}
        if roles:
            headers["X-Roles"] = roles
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_WAITS_S)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"/v3/{project}{path}", text, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The body of a request that is answered as asked."""
        answer = self.send(method, path, body)
        assert answer.status < 300, f"{method} {path}: {answer}"
        return answer.json if answer.text else None

    def volume(self, size: int = 1, **wish: Any) -> str:
        """A new volume that is available; its id."""
        return self.settled("volume", self.ask("POST", "/volumes", {"volume": {"size": size, **wish}})["volume"]["id"])

    def settled(self, kind: str, id: str, wanted: str = "available") -> str:
        """Wait until the resource has the status wanted; its id."""

        def status() -> str:
            return str(self.ask("GET", f"/{kind}s/{id}")[kind]["status"])

        until(lambda: (now := status()) == wanted or now.startswith("error"), lambda: f"{kind} {id} stays {status()}")
        assert status() == wanted, self.said()
        return id

    def attachment(self, volume: str) -> Any:
        """A new attachment that `CONNECTOR`'s host may log in by, with its connection info."""
        wish = {"volume_uuid": volume, "instance_uuid": volume, "connector": CONNECTOR}
        return self.ask("POST", "/attachments", {"attachment": wish})["attachment"]

    def attachment_info(self, id: str) -> Any:
        """What an attachment tells its host."""
        return self.ask("GET", f"/attachments/{id}")["attachment"]["connection_info"]

    def detach(self, attachment: Any) -> None:
        """Give an attachment back."""
        self.ask("DELETE", f"/attachments/{attachment['id']}")

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Another command of Lapilli's, run to its end."""
        return subprocess.run([str(_LAPILLI), *words], capture_output=True, text=True, timeout=_WAITS_S, check=False)

    def manage(self, *words: str) -> str:
        """What a command of `lapilli manage` prints."""
        done = self.command("manage", "--data", str(self.data), "--config", str(self._config), *words)
        assert done.returncode == 0, done
        return done.stdout

    def settle(self) -> None:
        """Wait until files, targets and rows say the same and nothing is under way."""
        database = Database(f"sqlite:///{self.data / 'lapilli.sqlite'}", pool_size=1)
        place = Place("node@directory", self.data / "volumes", self._control)

        def found() -> list[str]:
            with database.read() as tx:
                return problems(tx, [place])

        try:
            until(lambda: not found(), lambda: "\n".join(found()))
        finally:
            database.close()

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.said()
        try:
            return self.send("GET", "/volumes?limit=1").status == 200
        except OSError:
            return False


class Answer:
    """What came back; header names as they were sent."""

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status = status
        self.headers = headers
        self.text = text

    def __repr__(self) -> str:
        return f"{self.status} {self.text}"

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def message(self) -> str:
        """What a fault tells."""
        ((_, inner),) = self.json.items()
        return str(inner["message"])


@contextmanager
def served(directory: Path, config: str = "", hidden: Mapping[Path, Path] | None = None) -> Iterator[Service]:
    """A service that answers, for the time of a block."""
    service = Service(directory, config, hidden)
    try:
        service.start()
        yield service
    finally:
        service.remove()


def until(done: Any, otherwise: Any, within_s: float = _WAITS_S) -> None:
    """Ask `done` until it is true; fail with what `otherwise` says when it is not in time."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise())
        time.sleep(0.05)


def _free_pair() -> int:
    """A port P where P, for the API, and P + 1, for the iSCSI portal, are free."""
    while True:
        port = free_port()
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port + 1))
            return port
