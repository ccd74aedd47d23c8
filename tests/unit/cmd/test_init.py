"""`lapilli init` writes a configuration that says what counts anyway, and takes nothing from anybody."""

from pathlib import Path

import pytest

from lapilli.cmd.init import Size
from lapilli.machine.lvm import loop_group
from lapilli.settings.settings import load
from tests.unit.cmd.conftest import call


@pytest.fixture
def _no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that can, without doing it: the rest of the command is looked at."""
    monkeypatch.setattr(loop_group, "check", lambda: None)


def test_the_written_configuration_is_read_without_a_complaint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names no backends, so that `lapilli up` chooses; what to do next is printed."""
    assert call("init", "--data", str(tmp_path / "data")) == 0
    path = tmp_path / "data" / "lapilli.conf"
    said = capsys.readouterr().out
    assert f"{path} is written." in said
    assert f"lapilli up --data {tmp_path / 'data'}" in said
    settings = load(path)
    settings.check()
    assert settings.enabled_backends == ()
    assert call("config", "check", str(path)) == 0


def test_a_second_call_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file may be the operator's work."""
    assert call("init", "--data", str(tmp_path)) == 0
    path = tmp_path / "lapilli.conf"
    path.write_text("[DEFAULT]\ndebug = true\n")
    capsys.readouterr()
    assert call("init", "--data", str(tmp_path)) == 0
    assert path.read_text() == "[DEFAULT]\ndebug = true\n"
    assert "is there already, and stays as it is" in capsys.readouterr().out


@pytest.mark.usefixtures("_no_group")
def test_another_group_in_the_configuration_is_not_overruled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is made."""
    (tmp_path / "lapilli.conf").write_text("[lvm]\nvolume_group = storage\n")
    assert call("init", "--data", str(tmp_path), "--lvm-loop", "1G") == 1
    assert "says volume_group = storage: change that line, or add --volume-group storage" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["lapilli.conf"]


@pytest.mark.skipif(Path("/sys/class/misc/device-mapper").exists(), reason="this kernel has device-mapper")
def test_where_the_kernel_cannot_the_remedy_is_told_and_nothing_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A newcomer is told that it works without."""
    assert call("init", "--data", str(tmp_path), "--lvm-loop", "1G") == 1
    said = capsys.readouterr().err
    assert "lapilli:" in said
    assert any(word in said for word in ("keeps volumes as files", "install", "sudo"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("text", "size_bytes"), [("512M", 2**29), ("20G", 20 * 2**30), ("1t", 2**40), ("2GiB", 2**31)])
def test_sizes(text: str, size_bytes: int) -> None:
    assert Size().convert(text, None, None) == size_bytes


@pytest.mark.parametrize("text", ["20", "0G", "-1G", "G", "1.5G", "20 G"])
def test_what_is_no_size_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("init", "--data", str(tmp_path), f"--lvm-loop={text}") == 2
    assert "is not a size such as 20G" in capsys.readouterr().err
