"""`lapilli demo` asks for what it needs before it starts anything."""

import sys
from pathlib import Path

import pytest

from lapilli.host.qemu import disk
from lapilli.model.errors import Malformed
from tests.unit.cmd.conftest import call

CONNECTION = {
    "driver_volume_type": "iscsi",
    "target_portal": "192.0.2.1:3260",
    "target_iqn": "iqn.2010-10.org.openstack:v",
    "target_lun": 1,
    "auth_username": "u",
    "auth_password": "geheim",
}


def test_missing_clients_are_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started, and nothing is left."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert call("demo") == 1
    assert (
        "There is no program openstack. Install the clients: pip install 'lapilli[clients]'" in capsys.readouterr().err
    )
    assert list(tmp_path.iterdir()) == []


def test_a_listen_address_of_another_form_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """As with `lapilli up`."""
    assert call("demo", "--listen", "8776") == 2
    assert "is not of the form HOST:PORT" in capsys.readouterr().err


def test_a_password_stays_out_of_the_command_line(tmp_path: Path) -> None:
    """Everybody on the machine can read a command line."""
    found = disk(CONNECTION, "iqn.2010-10.org.openstack:me", tmp_path / "secret")
    assert "geheim" not in found.image
    assert "geheim" not in " ".join(found.options)
    assert (tmp_path / "secret").read_text() == "geheim"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_other_protocols_are_refused(tmp_path: Path) -> None:
    """QEMU's initiator speaks iSCSI."""
    with pytest.raises(Malformed, match="nvmeof"):
        disk({**CONNECTION, "driver_volume_type": "nvmeof"}, "iqn.x", tmp_path / "secret")
