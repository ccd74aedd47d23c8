"""Lapilli with LVM and LIO: as root, or as an ordinary user beside `lapilli privileged`."""

import os
import pwd
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from bench.bytecode import environment
from bench.client import Client, settle, together
from bench.meter import Parts
from bench.storage.kinds import Kind

_PROGRAM: Final = str(Path(sys.executable).with_name("lapilli"))
_STARTS_WITHIN_S: Final = 180
_ENDS_WITHIN_S: Final = 60
_LOOKS_AGAIN_S: Final = 0.02
_GENERAL: Final = """[DEFAULT]
auth_strategy = noauth
host = bench
state_path = {data}
enabled_backends = {backends}
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
# A look at all backends costs what some operations cost, and would be counted as one of them.
backend_stats_polling_interval = 86400
"""
_BACKEND: Final = """
[{kind}]
volume_driver = lvm
volume_backend_name = {kind}
volume_group = {kind.group}
lvm_type = {lvm_type}
volume_clear = {clear}
target_helper = lioadm
target_ip_address = 127.0.0.1
target_port = {target_port}
target_prefix = iqn.2026-01.org.example.{name}:
"""
_CONNECTOR: Final = {"host": "node1", "ip": "127.0.0.1", "initiator": "iqn.2026-01.org.example:node1"}


class Service:
    """A `Way` through the API. What is done for several is asked for at once; attachments are one by one."""

    def __init__(self, label: str, client: Client, parts: Parts, database: Path) -> None:
        self.label = label
        self._client = client
        self._parts = parts
        self._database = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self._attachments: dict[str, str] = {}
        for kind in Kind:
            wish = {"name": kind, "extra_specs": {"volume_backend_name": kind}}
            client.call("POST", "/types", {"volume_type": wish})

    def cpu_s(self) -> float:
        """Of all processes of the service with the programs that they ran."""
        return sum(self._parts.cpu_s().values())

    def create(self, kind: Kind, how_many: int, size_gib: int = 1) -> list[str]:
        wish = {"volume": {"size": size_gib, "volume_type": kind}}
        made = self._made("volume", together(lambda _: self._post("/volumes", wish), range(how_many)))
        return self._finished("volumes", made)

    def create_at_once(self, kind: Kind, how_many: int) -> list[str]:
        return self.create(kind, how_many)

    def snapshot(self, kind: Kind, volumes: Sequence[str]) -> list[str]:
        del kind
        wishes = [{"snapshot": {"volume_id": volume}} for volume in volumes]
        made = self._made("snapshot", together(lambda wish: self._post("/snapshots", wish), wishes))
        return self._finished("snapshots", made)

    def attach(self, volumes: Sequence[str]) -> None:
        for volume in volumes:
            wish = {"volume_uuid": volume, "instance_uuid": str(uuid.uuid4()), "connector": _CONNECTOR}
            made = self._post("/attachments", {"attachment": wish})["attachment"]["id"]
            self._post(f"/attachments/{made}/action", {"os-complete": {}})
            self._attachments[volume] = made

    def detach(self, volumes: Sequence[str]) -> None:
        for volume in volumes:
            self._client.call("DELETE", f"/attachments/{self._attachments.pop(volume)}")

    def delete_snapshots(self, kind: Kind, snapshots: Sequence[str]) -> None:
        del kind
        together(lambda snapshot: self._client.call("DELETE", f"/snapshots/{snapshot}"), snapshots)
        self._rest()

    def delete(self, kind: Kind, volumes: Sequence[str]) -> None:
        """Returns when they are wiped, too."""
        del kind
        together(lambda volume: self._client.call("DELETE", f"/volumes/{volume}"), volumes)
        self._rest()

    def delete_and_watch(self, kind: Kind, volume: str) -> float:
        begun = time.monotonic()
        self._client.call("DELETE", f"/volumes/{volume}")
        settle(lambda: not self._client.get("/volumes?limit=1")["volumes"])
        gone_s = time.monotonic() - begun
        settle(lambda: self._asked("SELECT allocated_gib FROM pools WHERE name LIKE ?", f"%#{kind}") == [(0,)])
        return gone_s

    def _post(self, path: str, body: Any) -> Any:
        return self._client.call("POST", path, body)

    def _made(self, what: str, answers: Sequence[Any]) -> list[str]:
        self._rest()
        return [answer[what]["id"] for answer in answers]

    def _finished(self, table: str, made: list[str]) -> list[str]:
        marks = ",".join("?" * len(made))
        found = self._asked(f"SELECT DISTINCT status FROM {table} WHERE id IN ({marks})", *made)
        if found != [("available",)]:
            raise RuntimeError(f"The {table} were to be available, and are {found}.")
        return made

    def _rest(self) -> None:
        """Wait until nothing is left to do."""
        while self._asked("SELECT count(*) FROM operations WHERE due_at IS NOT NULL") != [(0,)]:
            time.sleep(_LOOKS_AGAIN_S)

    def _asked(self, question: str, *values: str) -> list[Any]:
        """What the database says: asked past the service, which has no work by it."""
        return self._database.execute(question, values).fetchall()


@contextmanager
def started(name: str, label: str, port: int, user: pwd.struct_passwd | None = None) -> Iterator[Service]:
    """The service, ready, in the block; with `user` it is theirs, and has a helper."""
    data, config = Path(f"/var/lib/lapilli-bench-{name}"), Path(f"/etc/lapilli-bench-{name}.conf")
    config.write_text(_configuration(name, data, port + 1))
    data.mkdir()
    prefix: list[str] = []
    with ExitStack() as stack:
        processes = {}
        if user is not None:
            os.chown(data, user.pw_uid, user.pw_gid)
            _open_the_way()
            prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            helper = [_PROGRAM, "privileged", "--config", str(config)]
            processes["helper"] = {stack.enter_context(_running(helper, Path(f"/var/log/lapilli-bench-{name}-helper")))}
            settle((data / "privileged.sock").exists)
        log = Path(f"/var/log/lapilli-bench-{name}")
        words = ["up", "--listen", f"127.0.0.1:{port}", "--data", str(data), "--config", str(config)]
        processes["services"] = {stack.enter_context(_running([*prefix, _PROGRAM, *words], log))}
        client = Client(port)
        _wait(client, log)
        yield Service(label, client, Parts(processes), data / "lapilli.sqlite")


def _configuration(name: str, data: Path, target_port: int) -> str:
    text = _GENERAL.format(data=data, backends=",".join(Kind))
    for kind in Kind:
        lvm_type = "thin" if kind is Kind.THIN else "default"
        clear = "none" if kind is Kind.PLAIN else "zero"
        text += _BACKEND.format(kind=kind, lvm_type=lvm_type, clear=clear, target_port=target_port, name=name)
    return text


def _open_the_way() -> None:
    """Let others than root reach this program. The guest forgets it."""
    for found in (Path(sys.executable).resolve(), Path(_PROGRAM), Path(__file__)):
        for each in found.parents:
            each.chmod(each.stat().st_mode | 0o055)


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[int]:
    with log.open("wb") as end:
        process = subprocess.Popen(command, env=environment(), stdout=end, stderr=end)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(_ENDS_WITHIN_S)


def _wait(client: Client, log: Path) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while not (log.read_text().count("is ready") >= len(Kind) and client.is_answered()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"The service did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.2)
