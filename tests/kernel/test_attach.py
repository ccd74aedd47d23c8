"""`lapilli attach` and `detach` with the kernel's initiator against `lapilli up`: mounted, cut off, killed anywhere."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lapilli.cmd import attached
from tests.kernel.machine import Initiator, run, wait_for
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


TGT = "[DEFAULT]\nenabled_backends = directory\n"


@pytest.fixture
def service(tmp_path: Path, initiator: Initiator) -> Iterator[Service]:
    """With files and tgt, which run everywhere."""
    running = Service(tmp_path, TGT)
    running.create()
    yield running
    running.end()


def test_a_volume_is_a_device_until_it_is_detached(service: Service, tmp_path: Path) -> None:
    """A second call of each finds what the first one did; the list shows it."""
    place = tmp_path / "mounted"
    place.mkdir()
    first = service.lapilli("attach", "--no-multipath", "v")
    assert first.returncode == 0, first.stderr
    device = first.stdout.strip()
    assert Path(device).is_block_device()
    without = service.lapilli("attach", "--mountpoint", str(place), "v")
    assert without.returncode == 1
    assert f"has no file system: make one, as with `mkfs.ext4 {device}`, and attach again" in without.stderr
    run("mkfs.ext4", "-q", device)
    again = service.lapilli("attach", "--mountpoint", str(place), "v")
    assert (again.returncode, again.stdout.strip()) == (0, device), again.stderr
    assert "It has 1073741824 bytes (1 GiB)." in again.stderr
    (place / "file").write_text("kept")
    listed = service.lapilli("attach", "--list").stdout.splitlines()[1].split()
    assert listed == ["v", service.volume["id"], device, str(place)]
    assert service.volume["status"] == "in-use"
    assert service.lapilli("detach", "v").returncode == 0
    assert not place.is_mount()
    assert_nothing_is_left(service)
    assert "is not attached to this machine" in service.lapilli("detach", "v").stdout
    assert service.lapilli("attach", "--mountpoint", str(place), "v").returncode == 0
    assert (place / "file").read_text() == "kept"
    assert service.lapilli("detach", "v").returncode == 0


def test_what_the_operator_mounted_is_in_the_way_of_detach(service: Service, tmp_path: Path) -> None:
    """Whatever is mounted by others is theirs to unmount, and nothing is taken away before."""
    place = tmp_path / "mounted"
    place.mkdir()
    device = service.lapilli("attach", "v").stdout.strip()
    run("mkfs.ext4", "-q", device)
    run("mount", device, str(place))
    refused = service.lapilli("detach", "v")
    assert refused.returncode == 1
    assert f"{device} is mounted at {place}: unmount it first" in refused.stderr
    (place / "file").write_text("still here")
    run("umount", str(place))
    assert service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(service)


def test_a_volume_that_somebody_else_has_detached_leaves_nothing(service: Service) -> None:
    """Its target is gone with its session: what this machine remembers is enough, also where the volume is gone."""
    assert service.lapilli("attach", "v").returncode == 0
    assert devices()
    (attachment,) = service.attachments
    service.ask("DELETE", f"/attachments/{attachment['id']}")
    assert service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(service)
    assert service.lapilli("attach", "v").returncode == 0
    (attachment,) = service.attachments
    service.ask("DELETE", f"/attachments/{attachment['id']}")
    again = service.lapilli("attach", "v")  # as another attachment, with another session
    assert again.returncode == 0, again.stderr
    assert start_of(again.stdout.strip()) == bytes(512)
    (attachment,) = service.attachments
    service.ask("DELETE", f"/attachments/{attachment['id']}")
    service.ask("DELETE", f"/volumes/{service.volume['id']}")
    wait_for(lambda: not service.ask("GET", "/volumes")["volumes"])
    assert service.lapilli("detach", "v").returncode == 0
    assert (sessions(), node_records(), attached.read_all()) == ([], [], [])


def test_paths_are_one_device_where_multipathd_runs(service: Service, multipathd: None) -> None:
    """And none of it is left."""
    first = service.lapilli("attach", "v")
    assert first.returncode == 0, first.stderr
    assert "mpath" in Path("/sys/class/block", Path(first.stdout.strip()).name, "dm/uuid").read_text()
    other = service.lapilli("attach", "--no-multipath", "v")
    assert other.returncode == 1
    assert "is attached with multipath" in other.stderr
    assert service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(service)


def test_multipath_without_its_daemon_is_refused(service: Service) -> None:
    """Before anything is reserved."""
    refused = service.lapilli("attach", "--multipath", "v")
    assert refused.returncode == 1
    assert "multipathd does not run" in refused.stderr
    assert_nothing_is_left(service)


@pytest.fixture
def multipathd() -> Iterator[None]:
    daemon = subprocess.Popen(["multipathd", "-d"], start_new_session=True, stdout=subprocess.DEVNULL)
    wait_for(lambda: "multipathd" in Path("/proc/net/unix").read_text())
    yield
    daemon.terminate()
    daemon.wait()


def test_a_call_that_was_killed_is_finished_by_the_next_or_undone(service: Service) -> None:
    """`attach` before each program and each request from the first reservation on, then `detach` likewise."""
    at = 1
    more = True
    while more:
        more = service.killed(at, "attach", "v")
        if at % 2:  # the others are undone as they are
            finished = service.lapilli("attach", "v")
            assert finished.returncode == 0, (at, finished.stderr)
            assert start_of(finished.stdout.strip()) == bytes(512)
            more = service.killed(at, "detach", "v") or more
        undone = service.lapilli("detach", "v")
        assert undone.returncode == 0, (at, undone.stderr)
        assert_nothing_is_left(service)
        at += 1
    assert at > 10, "it was hardly ever killed"
