"""What `lapilli up` tells an ordinary user who asked for LVM. That it works is in tests/kernel."""

import os
from pathlib import Path

import pytest

from lapilli.cmd.storage_choice import choose
from lapilli.cmd.up import beneath_of, overrides_of


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with a configuration that names a volume group; this process is taken for no root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getegid", lambda: 1001)
    (tmp_path / "lapilli.conf").write_text("[lvm]\nvolume_group = storage\n")
    return tmp_path


def told(data: Path) -> list[str]:
    choice = choose(data, data / "lapilli.conf", overrides_of("127.0.0.1", 8776, data), beneath_of(8776))
    assert choice.backends == "directory"
    return choice.told.splitlines()


@pytest.mark.skipif(os.geteuid() != 0, reason="the configuration is to be root's")
def test_a_configuration_of_roots_is_the_helpers(data: Path) -> None:
    """The command is told as it has to be typed."""
    why, command, then = told(data)
    assert why.endswith(
        "not in LVM: this process is not root, and no helper of root's listens. Run in another terminal:"
    )
    assert command == f"    sudo lapilli privileged --config {data}/lapilli.conf --data {data}"
    assert then == "and start this again."


def test_a_configuration_of_the_users_has_to_be_copied(data: Path) -> None:
    """Otherwise the helper would refuse it."""
    (data / "lapilli.conf").chmod(0o666)
    _, reason, copy, command, then = told(data)
    assert reason.endswith(f"{data}/lapilli.conf, which others than root can change. So make a copy:")
    assert copy == f"    sudo install -D -m 640 -g 1001 {data}/lapilli.conf /etc/lapilli/lapilli.conf"
    assert command == f"    sudo lapilli privileged --config /etc/lapilli/lapilli.conf --data {data}"
    assert then == "and start this again with --config /etc/lapilli/lapilli.conf."
