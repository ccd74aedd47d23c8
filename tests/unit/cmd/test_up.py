"""`lapilli up` starts, ends, starts again after a kill, and says what is in its way."""

import socket
from pathlib import Path

import pytest

from tests.mounts import tmpfs
from tests.servers.process import free_port
from tests.unit.cmd.conftest import Start, call
from tests.unit.cmd.programs import get, run


def test_it_answers_and_ends_cleanly(start: Start, tmp_path: Path) -> None:
    """SIGTERM is the way systemd ends it."""
    port = free_port()
    up = start("up", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "data"))
    up.wait_for("Ctrl-C ends it")
    assert get(port, "/v3/demo/volumes") == (200, b'{"volumes":[]}')
    assert up.end() == 0
    assert "Traceback" not in up.said
    assert get(port, "/") == (0, b"")


def test_it_says_where_volumes_are_and_why(start: Start, tmp_path: Path) -> None:
    """Without a volume group, and with one that is named and not there."""
    data, port = tmp_path / "data", free_port()
    words = ("up", "--listen", f"127.0.0.1:{port}", "--data", str(data))
    first = start(*words)
    first.wait_for("Ctrl-C ends it")
    assert f"Volumes are files in {data}/volumes, exported by tgt; not in LVM: no volume group is named" in first.said
    assert "lapilli init --lvm-loop" in first.said
    assert first.end() == 0
    (data / "lapilli.conf").write_text("[lvm]\nvolume_group = nowhere\n")
    second = start(*words)
    second.wait_for("Ctrl-C ends it")
    assert f"Volumes are files in {data}/volumes, exported by tgt; not in LVM: " in second.said
    assert "no volume group is named" not in second.said
    assert "nothing reads the section" not in second.said
    assert second.end() == 0


def test_a_configuration_beside_the_data_is_obeyed(start: Start, tmp_path: Path) -> None:
    """It is the file that `lapilli init` writes."""
    data, port = tmp_path / "data", free_port()
    data.mkdir()
    (data / "lapilli.conf").write_text(
        "[DEFAULT]\nenabled_backends = mine\n[mine]\nvolume_driver = directory\n"
        f"directory_path = {tmp_path}/mine\ntarget_helper = tgt\ntarget_port = {port + 1}\n"
        f"tgt_control_port = {port}\n"
    )
    up = start("up", "--listen", f"127.0.0.1:{port}", "--data", str(data))
    up.wait_for("Ctrl-C ends it")
    assert f"Volumes are kept as {data}/lapilli.conf says." in up.said
    assert get(port, "/v3/demo/volumes") == (200, b'{"volumes":[]}')
    assert up.end() == 0


def test_after_a_kill_it_starts_again(start: Start, tmp_path: Path) -> None:
    """Nothing that a dead process leaves is in the way: no lock, no port, no daemon."""
    port = free_port()
    words = ("up", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "data"))
    first = start(*words)
    first.wait_for("Ctrl-C ends it")
    first.kill()
    again = start(*words)
    again.wait_for("Ctrl-C ends it")
    assert get(port, "/v3/demo/volumes")[0] == 200
    assert again.end() == 0


def test_one_data_directory_has_one_process(start: Start, tmp_path: Path) -> None:
    """The second is told who is there, whatever its port."""
    words = ("--data", str(tmp_path / "data"))
    first = start("up", "--listen", f"127.0.0.1:{free_port()}", *words)
    first.wait_for("Ctrl-C ends it")
    second = run("up", "--listen", f"127.0.0.1:{free_port()}", *words)
    assert second.returncode == 1
    assert f"is held by process {first.process.pid}" in second.stderr
    assert first.end() == 0


@pytest.mark.parametrize("listen", ["8776", "localhost:", ":8776", "localhost:http"])
def test_a_listen_address_of_another_form_is_refused(
    listen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The form is told."""
    assert call("up", "--listen", listen, "--data", str(tmp_path)) == 2
    assert "is not of the form HOST:PORT" in capsys.readouterr().err


def test_a_port_out_of_range_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The number is told, and its bound."""
    assert call("up", "--listen", "127.0.0.1:99999", "--data", str(tmp_path)) == 1
    assert "99999: must be at most 65535" in capsys.readouterr().err


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    """The address and what to do, not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        second = run("up", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "data"))
    assert second.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_read_only_data_directory_is_told(tmp_path: Path) -> None:
    """The directory and what to do, not a traceback."""
    with tmpfs(tmp_path, "ro"):
        ended = run("up", "--listen", f"127.0.0.1:{free_port()}", "--data", str(tmp_path / "data"))
    assert ended.returncode == 1
    assert "Read-only file system. Mount its file system for writing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_in_place_of_the_data_directory_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path may be misspelt."""
    file = tmp_path / "file"
    file.touch()
    assert call("up", "--data", str(file)) == 1
    assert str(file) in capsys.readouterr().err
