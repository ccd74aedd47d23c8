"""`lapilli attach` and `detach` against `lapilli up`: the way of QEMU, and the refusal where the kernel has none."""

import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapilli.machine.run import run
from lapilli.model.errors import CommandFailed
from tests.servers.process import free_port
from tests.unit.cmd.conftest import Start, call
from tests.unit.cmd.programs import LAPILLI

# What encrypted volumes need.
KEYS = f"[key_manager]\nbackend = cinder.keymgr.conf_key_mgr.ConfKeyManager\nfixed_key = {'42' * 32}\n"


class Instance:
    """A `lapilli up` with a volume `v`."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}/v3/admin"

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "OpenStack-API-Version": "volume 3.54"}
        request = urllib.request.Request(f"{self.endpoint}{path}", data, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    @property
    def volume(self) -> Any:
        return self.ask("/volumes/detail")["volumes"][0]

    @property
    def attachments(self) -> Any:
        return self.ask("/attachments/detail")["attachments"]


@pytest.fixture
def instance(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    if shutil.which("tgtd", path="/usr/sbin") is None or shutil.which("qemu-img") is None:
        pytest.skip("needs tgt and qemu-utils with qemu-block-extra")
    port = free_port()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lapilli.conf").write_text(KEYS)
    up = start("up", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "data"))
    up.wait_for("Ctrl-C ends it")
    found = Instance(port)
    found.ask("/volumes", {"volume": {"size": 1, "name": "v"}})
    up.wait_until(lambda: found.volume["status"] == "available")
    monkeypatch.setenv("OS_ENDPOINT", found.endpoint)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    yield found
    up.end()


def test_what_is_printed_reaches_the_volume(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The password is in a file of the user's own, not in the command; a second call prints the same."""
    assert call("attach", "--userspace", "--mountpoint", "/srv", "v") == 0
    printed = capsys.readouterr().out
    assert json.loads(run([*printed.split(), "--output=json"]))["virtual-size"] == 1024**3
    (secret,) = (tmp_path / "run" / "lapilli").iterdir()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text() not in printed
    assert instance.volume["status"] == "in-use"
    assert instance.volume["attachments"][0]["device"] == "/srv"
    assert call("attach", "--userspace", "v") == 0
    assert capsys.readouterr().out == printed
    assert len(instance.attachments) == 1


def test_after_detach_nothing_is_left(instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither attachment nor export nor password; a second call says so and is content."""
    assert call("attach", "--userspace", instance.volume["id"]) == 0
    printed = capsys.readouterr().out
    assert call("detach", "v") == 0
    assert instance.volume["status"] == "available"
    assert instance.attachments == []
    assert list((tmp_path / "run" / "lapilli").iterdir()) == []
    with pytest.raises(CommandFailed):
        run(printed.split())
    assert call("detach", "v") == 0
    assert "is not attached to this machine" in capsys.readouterr().out


def test_what_was_reserved_and_not_finished_is_finished(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that died on its way is no obstacle to the next."""
    assert call("attach", "--userspace", "v") == 0
    (done,) = instance.attachments
    assert call("detach", "v") == 0
    half = {"volume_uuid": done["volume_id"], "instance_uuid": done["instance"]}
    instance.ask("/attachments", {"attachment": half})
    capsys.readouterr()
    assert call("attach", "--userspace", "v") == 0
    assert run(capsys.readouterr().out.split())
    assert [each["status"] for each in instance.attachments] == ["attached"]


def test_an_encrypted_volume_is_refused(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """Before it is reserved: whoever wrote to it would write what should be secret."""
    kind = instance.ask("/types", {"volume_type": {"name": "secret"}})["volume_type"]["id"]
    encryption = {"provider": "luks", "cipher": "aes-xts-plain64", "control_location": "front-end"}
    instance.ask(f"/types/{kind}/encryption", {"encryption": encryption})
    instance.ask("/volumes", {"volume": {"size": 1, "name": "hidden", "volume_type": "secret"}})
    assert call("attach", "--userspace", "hidden") == 1
    assert "Volume hidden is encrypted, and only Nova opens such a volume." in capsys.readouterr().err
    assert instance.attachments == []


@pytest.mark.skipif(Path("/sys/class/iscsi_transport").exists(), reason="this kernel has an initiator")
def test_without_an_initiator_nothing_is_reserved(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the way that works here."""
    assert call("attach", "v") == 1
    assert re.search(r"no iSCSI initiator.*lapilli attach --userspace.*docs/attach.md", capsys.readouterr().err)
    assert instance.attachments == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"OS_AUTH_TYPE": "bogus"}, "OS_AUTH_TYPE = bogus"),
        ({"OS_ENDPOINT": "http://127.0.0.1:1/v3/x"}, "cannot be reached"),
        ({"OS_AUTH_URL": "http://127.0.0.1:1/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p"}, "cannot be reached"),
    ],
)
def test_an_api_that_is_not_there_is_told(environment: dict[str, str], said: str) -> None:
    """In one sentence, with the variables that lead there."""
    argv = [*LAPILLI, "attach", "--userspace", "v"]
    ended = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_volume_that_is_not_there_is_told(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """The name may be misspelt."""
    assert instance.volume
    assert call("attach", "--userspace", "nothing") == 1
    assert "Volume nothing could not be found" in capsys.readouterr().err
