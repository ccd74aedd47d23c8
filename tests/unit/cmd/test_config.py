"""`lapilli config` judges a file without a database, and shows no secret."""

from pathlib import Path

import pytest

from tests.unit.cmd.conftest import call

TEN_MISTAKES = """[DEFAULT]
enabled_backends = a, b, c
osapi_volume_listen_port = 99999
report_interval = soon
auth_strategy = nobody
scheduler_default_filters = NoSuchFilter
osapi_volume_use_ssl = maybe
[a]
volume_driver = no.such.Driver
[b]
volume_driver = directory
target_helper = nothing
[database]
connection = garbage
this is not a line
"""


def test_ten_mistakes_are_told_at_once_each_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An operator repairs the file in one go."""
    path = tmp_path / "cinder.conf"
    path.write_text(TEN_MISTAKES)
    assert call("config", "check", str(path)) == 1
    said = capsys.readouterr().out
    for line in (2, 3, 4, 5, 6, 7, 9, 12, 14, 15):
        assert f"error: {path}:{line}: " in said, line


def test_what_nobody_reads_is_a_notice_with_a_guess(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt option is no mistake, but does not pass in silence, in a backend's section either."""
    config.write_text(config.read_text() + "target_prot = 1\n[data_base]\nx = 1\n")
    assert call("config", "check", str(config)) == 0
    said = capsys.readouterr().out
    assert "unknown option target_prot in [one]; did you mean target_port?" in said
    assert "nothing reads the section [data_base]; did you mean [database]?" in said
    assert said.endswith("no mistakes, 2 notices.\n")


def test_a_mistake_in_the_policy_file_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The policy belongs to the configuration."""
    (config.parent / "policy.yaml").write_text('"volume:get": "role:a and"\n')
    assert call("config", "check", str(config)) == 1
    assert "policy.yaml" in capsys.readouterr().out


def test_a_missing_certificate_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What only the start of the API would find otherwise."""
    text = config.read_text().replace("[DEFAULT]", "[DEFAULT]\nosapi_volume_use_ssl = true")
    config.write_text(f"{text}\n[ssl]\ncert_file = /no/such\nkey_file = /no/such\n")
    assert call("config", "check", str(config)) == 1
    assert f"{config}:3: The files of [ssl] cannot be used" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_one_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The name may be misspelt."""
    assert call("config", "check", str(tmp_path / "none")) == 1
    assert "cannot be read: No such file" in capsys.readouterr().out


def test_list_shows_origins_and_hides_secrets(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output may be pasted into a report."""
    text = config.read_text().replace("sqlite://", "postgresql://cinder:geheim@db")
    config.write_text(f"{text}chap_password = topsecret\n")
    assert call("config", "list", "--config-file", str(config)) == 0
    said = capsys.readouterr().out
    assert f"DEFAULT.host = node  # {config}:3" in said
    assert "DEFAULT.report_interval = 10  # default" in said
    assert "one.chap_password = ***" in said
    assert "geheim" not in said
    assert "topsecret" not in said
