"""`lapilli privileged` serves one user, by a configuration of root's, with little of what root may do."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.unit.cmd.programs import LAPILLI, Program

NOBODY = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a helper is root")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of root's; the state's directory is nobody's."""
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, NOBODY, NOBODY)
    for each in (tmp_path, *tmp_path.parents[:2]):
        each.chmod(0o755)
    path = tmp_path / "cinder.conf"
    path.write_text(f"[DEFAULT]\nstate_path = {state}\n")
    return path


def test_it_serves_and_ends(config: Path) -> None:
    """It has a socket of its user's, few capabilities, and ends when it is asked to, with status 0."""
    program = Program(config.parent / "log", "privileged", "--config", str(config))
    try:
        program.wait_until(lambda: "Serving user nobody" in program.said)
        about = (config.parent / "state" / "privileged.sock").stat()
        assert (about.st_uid, about.st_mode & 0o777) == (NOBODY, 0o600)
        lines = Path("/proc", str(program.process.pid), "status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        kept = int(status["CapEff"], 16)
        assert status["NoNewPrivs"] == "1"
        assert kept & 1 << 21  # CAP_SYS_ADMIN
        assert not kept & (1 << 7 | 1 << 19)  # CAP_SETUID, CAP_SYS_PTRACE
        assert int(status["CapPrm"], 16) == int(status["CapBnd"], 16) == kept
        assert int(status["CapInh"], 16) == 0
    finally:
        program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(30) == 0


def test_a_configuration_that_others_can_change_is_refused(config: Path) -> None:
    """The file itself, its owner, or the directory that it lies in."""
    config.chmod(0o664)
    assert "chmod go-w" in _refusal(config)
    config.chmod(0o644)
    os.chown(config, NOBODY, 0)
    assert "chown root" in _refusal(config)
    os.chown(config, 0, 0)
    config.parent.chmod(0o777)
    assert f"{config.parent} can be changed by others" in _refusal(config)
    config.parent.chmod(0o755)
    link = config.parent / "state" / "cinder.conf"
    os.link(config, link)
    assert "can be changed by others" in _refusal(link)


def test_root_writes_no_log_where_the_user_may(config: Path) -> None:
    """A link in the services' log directory would make root write elsewhere."""
    logs = config.parent / "logs"
    logs.mkdir()
    (logs / "privileged.log").symlink_to(config.parent / "victim")
    config.write_text(f"{config.read_text()}log_dir = {logs}\nlog_file = privileged.log\n")
    program = Program(config.parent / "output", "privileged", "--config", str(config))
    try:
        program.wait_until(lambda: "Serving user nobody" in program.said)
    finally:
        program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(30) == 0
    assert not (config.parent / "victim").exists()


def test_mistakes_are_told(config: Path) -> None:
    """An unknown user, a missing file, a socket that cannot be made."""
    assert "no user nosuchuser" in _refusal(config, "--user", "nosuchuser")
    assert "cannot be read" in _refusal(config.parent / "missing.conf")
    config.write_text(f"{config.read_text()}privileged_helper_socket = {config.parent}/other/socket\n")
    assert "see privileged_helper_socket" in _refusal(config)


def test_only_root_can(config: Path) -> None:
    """Another user is told."""
    code = f"import os; from lapilli.cmd.main import main; import lapilli.cmd.privileged; os.setuid({NOBODY}); main()"
    command = [LAPILLI[0], "-c", code, "privileged", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "has to be started as root" in done.stderr


def _refusal(config: Path, *words: str) -> str:
    command = [*LAPILLI, "privileged", "--config", str(config), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    return done.stderr
