"""A tgtd of our own starts once, outlives its starter, and says what is in its way."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB, Export
from lapilli.targets.tgt import TgtTarget
from lapilli.targets.tgt_control import Request, TgtControl
from lapilli.targets.tgt_daemon import TgtDaemon
from lapilli.targets.tgt_settings import TgtSettings
from tests.servers.process import free_port

NOBODY = 65534


@pytest.fixture
def settings(tmp_path: Path) -> TgtSettings:
    port = free_port()
    return TgtSettings("iscsi", "127.0.0.1", port, tgt_control_port=port, tgt_state_path=str(tmp_path / "tgt"))


@pytest.fixture
def daemon(settings: TgtSettings) -> Iterator[TgtDaemon]:
    daemon = TgtDaemon(settings)
    yield daemon
    daemon.stop()
    for end in ("", ".lock"):
        Path(f"/var/run/tgtd/socket.{settings.tgt_control_port}{end}").unlink(missing_ok=True)


def pid_of(settings: TgtSettings) -> int | None:
    return TgtControl(settings.tgt_control_port).daemon_pid()


def test_it_is_started_once(daemon: TgtDaemon, settings: TgtSettings, tmp_path: Path) -> None:
    """A second `ensure`, of this or of another starter, finds the one that runs."""
    daemon.ensure()
    pid, generation = pid_of(settings), daemon.generation()
    assert pid
    for starter in (daemon, TgtDaemon(settings)):
        starter.ensure()
        assert (pid_of(settings), starter.generation()) == (pid, generation)
    assert (tmp_path / "tgt" / "tgtd.pid").read_text() == f"{pid}\n"


def test_a_lost_or_broken_pid_file_is_written_anew(daemon: TgtDaemon, settings: TgtSettings) -> None:
    """The daemon that answers is noted again, so that it can be stopped."""
    daemon.ensure()
    pid_file = Path(settings.tgt_state_path, "tgtd.pid")
    shutil.rmtree(pid_file.parent)
    for _ in range(2):
        daemon.ensure()
        assert pid_file.read_text() == f"{pid_of(settings)}\n"
        pid_file.write_text("")
    daemon.ensure()
    daemon.stop()
    assert pid_of(settings) is None


def test_it_outlives_its_starter(daemon: TgtDaemon, settings: TgtSettings, tmp_path: Path) -> None:
    """Killed with its whole process group, the starter leaves a daemon that the next one adopts and can stop."""
    program = (
        "import sys, os, signal; from lapilli.targets.tgt_settings import TgtSettings;"
        "from lapilli.targets.tgt_daemon import TgtDaemon;"
        "TgtDaemon(TgtSettings('iscsi', '127.0.0.1', int(sys.argv[1]), tgt_control_port=int(sys.argv[1]),"
        " tgt_state_path=sys.argv[2])).ensure(); os.killpg(0, signal.SIGKILL)"
    )
    argv = [sys.executable, "-c", program, str(settings.target_port), settings.tgt_state_path]
    assert subprocess.run(argv, check=False, process_group=0).returncode == -signal.SIGKILL
    pid = pid_of(settings)
    assert pid
    daemon.ensure()
    assert pid_of(settings) == pid
    daemon.stop()
    assert pid_of(settings) is None


def test_a_dead_one_is_started_again(daemon: TgtDaemon, settings: TgtSettings) -> None:
    """After its death the generation is another: that is how a caller learns that all targets are lost."""
    daemon.ensure()
    pid, generation = pid_of(settings), daemon.generation()
    assert pid
    os.kill(pid, signal.SIGKILL)
    while pid_of(settings) == pid:
        time.sleep(0.001)
    daemon.ensure()
    assert pid_of(settings) not in (None, pid)
    assert daemon.generation() != generation


def test_stopping_twice_is_stopping(daemon: TgtDaemon, settings: TgtSettings) -> None:
    """It stops with targets, and one that does not run is left at that."""
    daemon.ensure()
    TgtControl(settings.tgt_control_port).ask(Request("new", "target", 1, words={"targetname": "iqn.a:b"}))
    for _ in range(2):
        daemon.stop()
        assert pid_of(settings) is None


def test_another_ones_daemon_is_not_stopped(daemon: TgtDaemon, settings: TgtSettings, tmp_path: Path) -> None:
    """Only the process of the pid file is ended."""
    daemon.ensure()
    TgtDaemon(replace(settings, tgt_state_path=str(tmp_path / "elsewhere"))).stop()
    assert pid_of(settings)


def test_a_port_in_use_is_explained(daemon: TgtDaemon, settings: TgtSettings) -> None:
    """Tgtd itself would go on without its portal; here it is an error, until the port is free."""
    with socket.create_server(("127.0.0.1", settings.target_port)):
        for _ in range(2):
            with pytest.raises(BackendFailed, match=rf"cannot listen on .*:{settings.target_port}: .*port free"):
                daemon.ensure()
    daemon.ensure()


def test_a_new_portal_is_opened(daemon: TgtDaemon, settings: TgtSettings, tmp_path: Path) -> None:
    """An address that was added to the settings is listened on without a restart."""
    daemon.ensure()
    pid = pid_of(settings)
    TgtDaemon(replace(settings, target_secondary_ip_addresses=("127.0.0.2",))).ensure()
    socket.create_connection(("127.0.0.2", settings.target_port), 5).close()
    assert pid_of(settings) == pid


def test_a_missing_program_is_explained(settings: TgtSettings, tmp_path: Path) -> None:
    """The error has the package's name."""
    with pytest.raises(BackendFailed, match="install the package tgt"):
        TgtDaemon(settings, program="tgtd-that-is-not-there").ensure()


def test_a_program_that_ends_is_explained(settings: TgtSettings, tmp_path: Path) -> None:
    """The error has the log's place."""
    with pytest.raises(BackendFailed, match=str(tmp_path / "tgt" / "tgtd.log")):
        TgtDaemon(settings, program="false").ensure()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_users_own_takes_orders_from_him(tmp_path: Path) -> None:
    """It is his process, its socket lies in his directory, and it exports his files."""
    for each in (tmp_path, *tmp_path.parents[:2]):
        each.chmod(0o755)
    place = tmp_path / "his"
    place.mkdir()
    os.chown(place, NOBODY, NOBODY)
    pid = os.fork()
    if pid == 0:
        os._exit(_starts_and_exports(place))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _starts_and_exports(place: Path) -> int:
    """To be done in a process of its own, which becomes another user; its exit status."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    port = free_port()
    settings = TgtSettings("iscsi", "127.0.0.1", port, tgt_control_port=port, tgt_state_path=str(place / "tgt"))
    (place / "volume").write_bytes(bytes(GIB // 1024))
    target = TgtTarget(settings)
    try:
        target.ensure()
        owner = Path("/proc", (place / "tgt/tgtd.pid").read_text().strip()).stat().st_uid
        target.export(Export("0b1c", f"{settings.target_prefix}volume", 1, str(place / "volume"), 1, "user", "secret"))
        names = target.exports()
        target.stop()
    except BaseException:  # noqa: BLE001 - a forked child must not return into pytest
        traceback.print_exc()
        return 1
    return 0 if (owner, names) == (NOBODY, [f"{settings.target_prefix}volume"]) else 2


def test_the_systems_own_is_never_started(settings: TgtSettings, tmp_path: Path) -> None:
    """Control port 0 belongs to the system, whether its tgtd runs or not."""
    system = TgtDaemon(replace(settings, tgt_control_port=0))
    running = TgtControl(0).daemon_pid()
    if running is None:
        with pytest.raises(BackendFailed, match="systemctl start tgt"):
            system.ensure()
    else:
        system.ensure()
    system.stop()
    assert TgtControl(0).daemon_pid() == running
