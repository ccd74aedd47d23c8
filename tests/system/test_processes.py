"""Processes that end badly: the service under I/O, the target daemon, and what the next one makes of it."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lapilli.host.qemu import Disk, disk
from lapilli.model.errors import CommandFailed
from tests.system.service import CONNECTOR, Service, served, until

_MIB = 1024**2
_WAITS_S = 20
# A dead target daemon is noticed with the next look at the backend.
_CONFIG = "[DEFAULT]\nhost = node\nreport_interval = 1\nbackend_stats_polling_interval = 3\n"


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that these tests may kill. Each leaves it running."""
    with served(tmp_path_factory.mktemp("frail"), _CONFIG) as one:
        yield one


@contextmanager
def timer(give_up: Callable[[], None]) -> Iterator[None]:
    """Calls `give_up` if the block takes too long."""
    alarm = threading.Timer(_WAITS_S, give_up)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


class Session:
    """A host that stays logged in: `qemu-io`, which is told what to read and write."""

    def __init__(self, of: Disk) -> None:
        argv = ["qemu-io", *of.options, "--image-opts", of.image]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def do(self, command: str) -> None:
        """One command; it fails if the bytes differ or the I/O does."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        with timer(self._process.kill):
            said = ""
            while not said.endswith("ops/sec)\n"):
                line = self._process.stdout.readline()
                assert line, f"{command}: {said or 'no answer'}"
                assert "failed" not in line.lower(), line
                said = line

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _attach(service: Service, folder: Path) -> tuple[str, dict[str, str], Disk]:
    volume = service.volume()
    attachment = service.attachment(volume)
    return volume, attachment, _disk(attachment, folder)


def _disk(attachment: dict[str, object], folder: Path) -> Disk:
    info = attachment["connection_info"]
    assert isinstance(info, dict)
    return disk(info, str(CONNECTOR["initiator"]), folder / "secret")


def _put_away(service: Service, volume: str, attachment: dict[str, str]) -> None:
    service.detach(attachment)
    service.settled("volume", volume)
    service.ask("DELETE", f"/volumes/{volume}")
    service.settle()


def test_service_is_killed(frail: Service, tmp_path: Path) -> None:
    """A session reads and writes while the service is gone; the next one adopts the daemon and can end the session."""
    volume, attachment, of = _attach(frail, tmp_path)
    daemon = frail.tgtd_pid
    session = Session(of)
    try:
        session.do(f"write -P 0x11 0 {_MIB}")
        frail.kill()
        session.do(f"write -P 0x22 {_MIB} {_MIB}")
        session.do(f"read -P 0x11 0 {_MIB}")
        frail.start()
        assert frail.tgtd_pid == daemon
        session.do(f"read -P 0x22 {_MIB} {_MIB}")
        assert frail.ask("GET", f"/attachments/{attachment['id']}")["attachment"] == attachment
    finally:
        session.close()
    _put_away(frail, volume, attachment)


def test_service_is_killed_at_work(frail: Service) -> None:
    """What was accepted before the kill is finished after it."""
    made = [frail.ask("POST", "/volumes", {"volume": {"size": 1}})["volume"]["id"] for _ in range(5)]
    frail.kill()
    frail.start()
    for volume in made:
        frail.settled("volume", volume)
        frail.ask("DELETE", f"/volumes/{volume}")
    frail.settle()


def test_daemon_is_killed(frail: Service, tmp_path: Path) -> None:
    """The exports come back with the same credentials, and the bytes are those that were written."""
    volume, attachment, of = _attach(frail, tmp_path)
    session = Session(of)
    try:
        session.do(f"write -P 0x33 0 {_MIB}")
    finally:
        session.close()
    frail.kill_tgtd()
    until(lambda: _reads(of), lambda: f"nobody can log in again: {frail.said()}", 30)
    assert frail.tgtd_pid is not None
    again = Session(of)
    try:
        again.do(f"read -P 0x33 0 {_MIB}")
    finally:
        again.close()
    _put_away(frail, volume, attachment)


def _reads(of: Disk) -> bool:
    try:
        return of.size_bytes() == 1024**3
    except CommandFailed:
        return False


def test_attach_without_daemon(frail: Service, tmp_path: Path) -> None:
    """With the daemon just killed an attachment is made all the same, or refused within seconds and then made."""
    volume = frail.volume()
    frail.kill_tgtd()
    wish = {"volume_uuid": volume, "instance_uuid": volume, "connector": CONNECTOR}
    answer = frail.send("POST", "/attachments", {"attachment": wish})
    if answer.status != 200:
        assert answer.status in {500, 503}, answer
        assert "tgtd" in answer.message
        until(lambda: frail.tgtd_pid is not None, frail.said, 30)
        attachment = frail.attachment(volume)
    else:
        attachment = answer.json["attachment"]
    assert _reads(_disk(attachment, tmp_path))
    _put_away(frail, volume, attachment)


def test_detach_without_daemon(frail: Service) -> None:
    """A volume whose daemon was just killed can be given back, and its export does not come back."""
    volume = frail.volume()
    attachment = frail.attachment(volume)
    frail.kill_tgtd()
    _put_away(frail, volume, attachment)


def test_end_in_order(frail: Service) -> None:
    """SIGTERM ends it with 0, the daemon too; the next one makes the exports again with the same credentials."""
    volume = frail.volume()
    attachment = frail.attachment(volume)
    assert frail.stop() == 0
    assert frail.tgtd_pid is None
    frail.start()
    assert frail.attachment_info(attachment["id"]) == attachment["connection_info"]
    frail.settle()
    _put_away(frail, volume, attachment)


def test_second_on_the_same_data(frail: Service) -> None:
    """A second service on the same data ends at once, and says who has it."""
    done = frail.command("up", "--listen", "127.0.0.1:1", "--data", str(frail.data))
    assert done.returncode == 1
    assert "lapilli.pid" in done.stderr
    assert frail.ask("GET", "/volumes") == {"volumes": []}


@pytest.mark.parametrize("program", [None, "#!/bin/sh\nexit 1\n"], ids=["missing", "broken"])
def test_no_daemon(tmp_path: Path, program: str | None) -> None:
    """Without a tgtd that starts the service comes up, says what is missing, and makes no volumes."""
    instead = Path("/dev/null")
    if program:
        instead = tmp_path / "tgtd"
        instead.write_text(program)
        instead.chmod(0o755)
    with served(tmp_path, _CONFIG, hidden={Path("/usr/sbin/tgtd"): instead}) as service:
        states = {row["binary"]: row for row in service.ask("GET", "/os-services")["services"]}
        assert states["cinder-volume"]["backend_state"] == "down"
        volume = service.ask("POST", "/volumes", {"volume": {"size": 1}})["volume"]["id"]
        service.settled("volume", volume, "error")
        assert "No pool was reported by any backend." in service.manage("explain", volume)
        assert "tgtd" in service.said()
        service.ask("DELETE", f"/volumes/{volume}")
        until(lambda: service.ask("GET", "/volumes")["volumes"] == [], service.said)
