"""The processes of a spread installation: scheduler, volume and backup, also under Cinder's names."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cmd.conftest import Start, call
from tests.unit.cmd.programs import lives, run


def test_each_registers_and_ends_cleanly(
    start: Start, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lists of services show all three, alive."""
    programs = [start(name, "--config", str(config)) for name in ("scheduler", "volume", "backup")]

    def are_seen() -> bool:
        capsys.readouterr()
        call("manage", "--config", str(config), "service", "list")
        said = capsys.readouterr().out
        return said.count(":-)") == 3 and "node@one" in said

    programs[0].wait_until(are_seen)
    assert [program.end() for program in programs] == [0, 0, 0]
    assert not any("Traceback" in program.said for program in programs)
    # The daemon serves I/O, and goes on.
    assert lives(int((tmp_path / "state" / "tgt" / "tgtd.pid").read_text()))


def test_a_backend_is_served_by_one_process(start: Start, config: Path) -> None:
    """A second process would work on the same files."""
    first = start("volume", "--config", str(config))
    first.wait_for("is ready")
    second = run("volume", "--config", str(config), "--backend", "one")
    assert second.returncode == 1
    assert f"held by process {first.process.pid}" in second.stderr


def test_after_a_kill_a_backend_is_served_again(start: Start, config: Path) -> None:
    """The lock and the daemon of the dead process are no obstacle."""
    first = start("volume", "--config", str(config))
    first.wait_for("is ready")
    first.kill()
    again = start("volume", "--config", str(config))
    again.wait_for("is ready")
    assert again.end() == 0


def test_a_backend_that_is_not_enabled_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the names that there are."""
    assert call("volume", "--config", str(config), "--backend", "two") == 1
    assert "There is no backend two: enabled_backends names one." in capsys.readouterr().err


def test_mistakes_of_others_do_not_stop_a_scheduler(start: Start, config: Path) -> None:
    """A file serves all processes; each minds its own part."""
    config.write_text(config.read_text().replace("volume_driver = directory", "volume_driver = no.such.Driver"))
    scheduler = start("scheduler", "--config", str(config))
    scheduler.wait_until(lambda: "cinder-scheduler" in run("manage", "--config", str(config), "service", "list").stdout)
    assert scheduler.end() == 0


@pytest.mark.parametrize("name", ["api", "scheduler", "volume", "backup", "manage"])
def test_the_commands_have_cinders_names_too(name: str) -> None:
    """Scripts and units of an operator who had Cinder go on."""
    program = Path(sys.executable).with_name(f"cinder-{name}")
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("Usage:")
    assert "--config-file" in told.stdout


def test_a_store_that_is_not_part_of_this_release_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the name that the file gives it, with those that there are."""
    config.write_text(config.read_text().replace("[DEFAULT]", "[DEFAULT]\nbackup_driver = swift"))
    assert call("backup", "--config", str(config)) == 1
    assert "Store swift is not part of this release. Known stores: posix." in capsys.readouterr().err
