"""`lapilli up` as somebody who is not root: with a tgtd of his own, and with LVM once root does what it is told."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lapilli.targets.tgt_control import TgtControl
from tests.kernel.machine import Initiator, run, wait_for
from tests.kernel.ordinary_user import AS_NOBODY, LAPILLI, NOBODY, PORT, answers, ask, folder, program

DATA = Path("/var/lib/lapilli-user")


@pytest.fixture
def data() -> Iterator[Path]:
    with folder(DATA) as path:
        yield path


@contextmanager
def up(*words: str) -> Iterator[list[str]]:
    """The service, and the lines in which it says where volumes are."""
    log = DATA.with_suffix(".log")
    with log.open("w") as output, program(*AS_NOBODY, LAPILLI, "up", "--data", str(DATA), *words, output=output):
        wait_for(answers)
        wait_for(lambda: "Ctrl-C ends it" in log.read_text())
        lines = log.read_text().splitlines()
        yield lines[[line.startswith("Volumes are") for line in lines].index(True) :]


def write_and_read(initiator: Initiator) -> str:
    """A new volume is written to by the kernel's initiator, has the bytes after a second login, and goes."""
    volume = ask("POST", "volumes", {"volume": {"size": 1}})["volume"]["id"]
    wait_for(lambda: ask("GET", f"volumes/{volume}")["volume"]["status"] == "available")
    connector = {"host": "guest", "initiator": initiator.name, "ip": "127.0.0.1"}
    wish = {"volume_uuid": volume, "connector": connector}
    attachment = ask("POST", "attachments", {"attachment": wish})["attachment"]
    info = attachment["connection_info"]
    login = (info["target_iqn"], info["target_portal"], info["auth_username"], info["auth_password"])
    device = initiator.log_in(*login, info["target_lun"])
    Path(device).write_bytes(b"mine" * 1024)
    run("sync", device)
    initiator.log_out(*login[:2])
    with Path(initiator.log_in(*login, info["target_lun"])).open("rb") as disk:
        assert disk.read(4) == b"mine"
    initiator.log_out(*login[:2])
    ask("DELETE", f"attachments/{attachment['id']}")
    ask("DELETE", f"volumes/{volume}")
    wait_for(lambda: ask("GET", "volumes")["volumes"] == [])
    return str(info["target_portal"])


def test_nothing_of_roots_is_needed(data: Path, initiator: Initiator) -> None:
    """Files, exported by a tgtd that is the user's own process, and ends with the service."""
    tgtd = TgtControl(PORT, socket_base=f"{data}/tgt/socket")
    with up() as lines:
        assert lines[0].startswith(f"Volumes are files in {data}/volumes, exported by tgt; not in LVM: no volume group")
        pid = tgtd.daemon_pid()
        assert pid
        assert Path("/proc", str(pid)).stat().st_uid == NOBODY.pw_uid
        assert write_and_read(initiator) == "127.0.0.1:3260"
    assert tgtd.daemon_pid() is None


def test_where_namespaces_are_forbidden_it_is_said(data: Path) -> None:
    """Some machines give them to root alone."""
    limit = Path("/proc/sys/user/max_user_namespaces")
    before = limit.read_text()
    limit.write_text("0")
    try:
        with up():
            wait_for(lambda: "gives ordinary users no user namespaces" in DATA.with_suffix(".log").read_text())
    finally:
        limit.write_text(before)


def test_with_the_commands_that_it_tells_it_has_lvm(data: Path, group: str, initiator: Initiator) -> None:
    """Root does them as they stand there, and starting again does the rest."""
    (data / "lapilli.conf").write_text(f"[lvm]\nvolume_group = {group}\nlvm_type = default\n")
    with up() as lines:
        assert "exported by tgt; not in LVM: this process is not root" in lines[0]
        commands = [shlex.split(line.strip()) for line in lines if line.startswith("    sudo ")]
        assert next(line for line in lines if line.startswith("and start this again with --config ")).endswith(
            f"{commands[0][-1]}."
        )
    (_, *copy), (_, *help_it) = commands
    run(*copy)
    with program(*help_it):
        wait_for((data / "privileged.sock").exists)
        with up("--config", copy[-1]) as lines:
            assert lines[0] == f"Volumes are in the volume group {group}, exported by LIO, because both work here."
            assert write_and_read(initiator) == "127.0.0.1:3261"
    Path(copy[-1]).unlink()
