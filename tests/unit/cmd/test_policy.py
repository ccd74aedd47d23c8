"""`lapilli policy` writes, judges and explains policy files."""

from pathlib import Path

import pytest

from lapilli.api.policy import Policy
from tests.unit.cmd.conftest import call

Said = pytest.CaptureFixture[str]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A cinder.conf whose policy lets nobody create volumes."""
    path = tmp_path / "cinder.conf"
    path.write_text("[DEFAULT]\nauth_strategy = noauth\n")
    (tmp_path / "policy.yaml").write_text('"volume:create": "!"\n')
    return path


def test_sample_is_a_policy_file(tmp_path: Path, capsys: Said) -> None:
    """What is printed is read without a mistake or a notice."""
    assert call("policy", "sample") == 0
    path = tmp_path / "policy.yaml"
    path.write_text(capsys.readouterr().out)
    assert Policy.load(path).notices == ()


def test_check(tmp_path: Path, capsys: Said) -> None:
    """Older names and needless lines are notices."""
    path = tmp_path / "policy.yaml"
    path.write_text('"volume_extension:quota_classes": "role:admin"\n"volume:force_delete": "rule:admin_api"\n')
    assert call("policy", "check", str(path)) == 0
    said = capsys.readouterr().out
    assert f"notice: {path}:1: `volume_extension:quota_classes` is an older name" in said
    assert f"notice: {path}:2: `volume:force_delete` says what the default says" in said
    assert said.endswith(f"{path}: no mistakes, 2 notices.\n")


def test_check_mistakes(tmp_path: Path, capsys: Said) -> None:
    """Every mistake is told with its line, also one that only shows when rules are put together."""
    path = tmp_path / "policy.yaml"
    path.write_text('"volume:get": "rule:gone"\n"volume:create": "tenant:%(x)s"\n')
    assert call("policy", "check", str(path)) == 1
    said = capsys.readouterr().out
    assert f"error: {path}:1: volume:get: there is no rule `gone`" in said
    assert f"error: {path}:2: volume:create: callers have no `tenant`" in said
    assert call("policy", "check", str(tmp_path / "none")) == 1


def test_config_check_tells_the_notices(settings: Path, capsys: Said) -> None:
    """Notices about the policy are among those about the configuration that names it."""
    (settings.parent / "policy.yaml").write_text('"volume:gett": "!"\n')
    call("config", "check", str(settings))
    assert "policy.yaml:1: no rule is called `volume:gett`" in capsys.readouterr().out


def test_explain(settings: Path, capsys: Said) -> None:
    """The rule as it holds, where it is written, and which checks hold."""
    assert call("policy", "explain", "volume:create", "--roles", "admin", "--config", str(settings)) == 1
    said = capsys.readouterr().out
    assert f"no   rule:volume:create  ({settings.parent}/policy.yaml:1)" in said
    assert call("policy", "explain", "volume:delete", "--roles", "member, reader", "--config", str(settings)) == 0
    said = capsys.readouterr().out
    assert said.startswith("Delete a volume.\n  DELETE /volumes/{volume_id}\n")
    assert said.endswith("Allowed.\n")


def test_explain_for_another_project(settings: Path) -> None:
    """Members may not touch what is another project's, administrators may."""
    words = ("policy", "explain", "volume:delete", "--target-project", "other", "--config", str(settings), "--roles")
    assert call(*words, "member") == 1
    assert call(*words, "admin") == 0


def test_explain_unknown_rule(settings: Path, capsys: Said) -> None:
    """A misspelt rule is answered with a guess."""
    assert call("policy", "explain", "volume:delite", "--roles", "member", "--config", str(settings)) == 1
    assert "Did you mean `volume:delete`?" in capsys.readouterr().err


def test_list(settings: Path, capsys: Said) -> None:
    """One line for each rule: whether it lets the caller, and where it is written."""
    assert call("policy", "list", "--roles", "reader", "--config", str(settings)) == 0
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert rows["volume:get"] == ["yes", "default"]
    assert rows["volume:delete"] == ["no", "default"]
    assert rows["volume:create"] == ["no", f"{settings.parent}/policy.yaml:1"]
