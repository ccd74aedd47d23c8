"""`lapilli doctor` looks at a real `lapilli up` with a real tgtd, and lets it repair what is safe."""

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapilli.targets.tgt_control import Request, TgtControl
from tests.conformance.target_lab import Initiator
from tests.servers.process import free_port
from tests.unit.cmd.conftest import Start, call
from tests.unit.cmd.programs import Program

PREFIX = "iqn.2010-10.org.openstack:volume-"
STRANGER = "00000000-0000-4000-8000-00000000000a"
HOST = {"host": "somewhere", "initiator": "iqn.1993-08.org.debian:01:somewhere", "ip": "127.0.0.1"}


class Instance:
    """A running `lapilli up`, with one volume that is attached to a host which is not logged in."""

    def __init__(self, port: int, data: Path) -> None:
        self.port = port
        self.data = data
        self.control = TgtControl(port % 32768 or 1)
        self.volume = self.ask("volumes", {"volume": {"size": 1}})["volume"]["id"]
        while self.ask(f"volumes/{self.volume}")["volume"]["status"] == "creating":
            pass
        attachment = {"volume_uuid": self.volume, "instance_uuid": STRANGER, "connector": HOST}
        self.attachment = self.ask("attachments", {"attachment": attachment})["attachment"]["id"]
        self.ask(f"attachments/{self.attachment}/action", {"os-complete": {}})

    def ask(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v3/demo/{path}",
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json", "OpenStack-API-Version": "volume 3.71"},
        )
        with urllib.request.urlopen(request) as answer:
            said = answer.read()
            return json.loads(said) if said else None

    def targets(self) -> set[str]:
        return {
            line.rpartition(PREFIX)[2] for line in self.control.show("target").splitlines() if line.startswith("Target")
        }

    def make_target(self, volume_id: str, number: int) -> None:
        self.control.ask(Request("new", "target", number, words={"targetname": f"{PREFIX}{volume_id}"}))

    def forget_attachment(self) -> None:
        with sqlite3.connect(self.data / "lapilli.sqlite") as db:
            db.execute("DELETE FROM exports")
            db.execute("DELETE FROM attachments")
            db.execute("UPDATE volumes SET status = 'available'")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def up(start: Start, tmp_path: Path, port: int) -> Iterator[Program]:
    program = start("up", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "data"))
    program.wait_for("Ctrl-C ends it")
    yield program
    if program.process.poll() is None:
        assert program.end() == 0


@pytest.fixture
def instance(up: Program, port: int, tmp_path: Path) -> Instance:
    del up
    return Instance(port, tmp_path / "data")


class Doctor:
    """Calls `lapilli doctor` for the instance."""

    def __init__(self, instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
        self._words = ("doctor", "--data", str(instance.data), "--listen", f"127.0.0.1:{instance.port}")
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str]:
        """Exit status and output."""
        self._capsys.readouterr()
        status = call(*self._words, *words)
        return status, self._capsys.readouterr().out

    def kinds(self, *words: str) -> tuple[int, list[str], list[str]]:
        """Exit status, the kinds of the findings, and what was done."""
        status, out = self(*words, "--json")
        told = json.loads(out)
        return status, sorted(each["kind"] for each in told["findings"]), told["done"]


@pytest.fixture
def doctor(instance: Instance, capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(instance, capsys)


def test_strays_and_missing_targets_are_repaired(instance: Instance, doctor: Doctor) -> None:
    """A missing target comes back; a stray of ours goes; one that nobody here knows stays; all is told."""
    # The host of the instance's attachment is none: nobody is logged in.
    assert doctor.kinds() == (1, ["ghost-attachment"], [])
    assert instance.targets() == {instance.volume}
    shown = instance.control.show("target")
    number = int(shown.partition(":")[0].removeprefix("Target "))
    instance.control.ask(Request("delete", "target", number, force=True))
    instance.make_target(STRANGER, 900)
    assert doctor.kinds() == (1, ["foreign-target", "missing-export"], [])
    assert instance.targets() == {STRANGER}
    status, kinds, done = doctor.kinds("--fix")
    assert (status, kinds) == (1, ["foreign-target", "ghost-attachment"])
    assert done == [f"Volume {instance.volume} has its target again."]
    assert instance.targets() == {STRANGER, instance.volume}
    assert HOST["initiator"] in instance.control.show("target")

    instance.forget_attachment()
    assert doctor.kinds() == (1, ["foreign-target", "stale-target"], [])
    status, out = doctor("--fix")
    assert status == 0
    assert f"done     Target {PREFIX}{instance.volume} is gone." in out
    assert "No problems." in out
    assert "notice" in out
    assert instance.targets() == {STRANGER}
    assert doctor("--fix")[0] == 0


def test_a_host_that_is_logged_in_keeps_its_target(instance: Instance, doctor: Doctor) -> None:
    """It is no ghost; and when its attachment is forgotten, its target stays as long as it is there."""
    login = instance.ask(f"attachments/{instance.attachment}")["attachment"]["connection_info"]
    with Initiator(HOST["initiator"], login).session() as session:
        assert doctor.kinds() == (0, [], [])
        instance.forget_attachment()
        status, out = doctor("--fix")
        assert status == 1
        assert f"{HOST['initiator']} is logged in to it" in out
        assert instance.targets() == {instance.volume}
        assert session.writes(0, 7, 512)
    while "I_T nexus:" in instance.control.show("target"):
        pass
    assert doctor("--fix")[0] == 0
    assert instance.targets() == set()


def test_a_service_that_does_not_run_is_told(instance: Instance, doctor: Doctor, up: Program) -> None:
    """What it would repair waits for it, and the target that is away with it is no riddle."""
    assert up.end() == 0
    with sqlite3.connect(instance.data / "lapilli.sqlite") as db:
        db.execute("UPDATE services SET heartbeat_s = heartbeat_s - 1000")
    status, kinds, _ = doctor.kinds()
    assert status == 1
    assert kinds == ["dead-service", "dead-service", "dead-service", "unusable-target"]


def test_what_it_cannot_look_at_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No data directory there."""
    assert call("doctor", "--data", str(tmp_path / "nowhere")) == 1
    assert "could not be found" in capsys.readouterr().err


def test_orphans_and_lost_volumes_are_told_and_left_alone(instance: Instance, doctor: Doctor) -> None:
    """Whatever is done with --fix, no bytes come or go."""
    volumes = instance.data / "volumes"
    (volumes / f"volume-{instance.volume}").rename(volumes / f"volume-{STRANGER}")
    before = sorted(volumes.iterdir())
    for words in ((), ("--fix",)):
        assert doctor.kinds(*words) == (1, ["ghost-attachment", "missing-volume", "orphan-volume"], [])
    assert sorted(volumes.iterdir()) == before
    (volumes / f"volume-{STRANGER}").rename(volumes / f"volume-{instance.volume}")
    instance.forget_attachment()
    doctor("--fix")
    status, out = doctor()
    assert (status, out.splitlines()[0].startswith("No problems.")) == (0, True)
