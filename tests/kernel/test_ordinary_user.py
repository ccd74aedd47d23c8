"""All services run as an ordinary user, with volumes in LVM and targets of the kernel, beside one helper of root's."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.machine import Initiator, run, wait_for
from tests.kernel.ordinary_user import AS_NOBODY, LAPILLI, answers, ask, folder, program

CONFIG = Path("/etc/lapilli-ordinary.conf")
STATE = Path("/var/lib/lapilli-ordinary")


@pytest.fixture
def service(group: str) -> Iterator[None]:
    """A helper, and `lapilli up` as nobody."""
    CONFIG.write_text(
        f"[DEFAULT]\nstate_path = {STATE}\nenabled_backends = one\nreport_interval = 1\n"
        f"[one]\nvolume_group = {group}\nlvm_type = default\ntarget_helper = lioadm\ntarget_ip_address = 127.0.0.1\n"
    )
    with folder(STATE), program(LAPILLI, "privileged", "--config", str(CONFIG)):
        wait_for((STATE / "privileged.sock").exists)
        with program(*AS_NOBODY, LAPILLI, "up", "--data", str(STATE), "--config", str(CONFIG)):
            wait_for(answers)
            yield
    CONFIG.unlink()


def doctor(*words: str) -> tuple[int, list[str]]:
    """Exit status, and the kinds of what it finds; it is nobody, too."""
    command = [*AS_NOBODY, LAPILLI, "doctor", "--data", str(STATE), "--config", str(CONFIG), "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, sorted(each["kind"] for each in json.loads(done.stdout)["findings"])


def test_from_the_wish_to_bytes_and_back(service: None, group: str, initiator: Initiator) -> None:
    """A volume is made, exported, written by the kernel's initiator, and gone; the doctor sees each state."""
    volume = ask("POST", "volumes", {"volume": {"size": 1}})["volume"]["id"]
    wait_for(lambda: ask("GET", f"volumes/{volume}")["volume"]["status"] == "available")
    assert doctor() == (0, [])
    connector = {"host": "guest", "initiator": initiator.name, "ip": "127.0.0.1"}
    wish = {"volume_uuid": volume, "connector": connector}
    attachment = ask("POST", "attachments", {"attachment": wish})["attachment"]
    ask("POST", f"attachments/{attachment['id']}/action", {"os-complete": {}})
    assert doctor() == (1, ["ghost-attachment"])

    login = attachment["connection_info"]
    credentials = (login["auth_username"], login["auth_password"])
    device = initiator.log_in(login["target_iqn"], login["target_portal"], *credentials)
    assert doctor() == (0, [])
    Path(device).write_bytes(b"mine" * 1024)
    run("sync", device)
    initiator.log_out(login["target_iqn"], login["target_portal"])
    with Path("/dev", group, f"volume-{volume}").open("rb") as stored:
        assert stored.read(4) == b"mine"

    ask("DELETE", f"attachments/{attachment['id']}")
    ask("DELETE", f"volumes/{volume}")
    wait_for(lambda: not run("lvs", "--noheadings", group).strip())
    assert doctor() == (0, [])


def test_what_disturbs_targets_and_volumes_is_found(service: None, group: str, initiator: Initiator) -> None:
    """Volumes that others made or removed, and targets; --fix brings the target back and touches no volume."""
    volume = ask("POST", "volumes", {"volume": {"size": 1}})["volume"]["id"]
    wait_for(lambda: ask("GET", f"volumes/{volume}")["volume"]["status"] == "available")
    stranger = f"volume-{volume[:-4]}ffff"
    run("lvcreate", "--yes", "--name", stranger, "--size", "64m", group)
    assert doctor("--fix") == (1, ["orphan-volume"])
    run("lvremove", "--yes", f"{group}/{stranger}")
    run("lvrename", group, f"volume-{volume}", "elsewhere")
    assert doctor("--fix") == (1, ["missing-volume"])
    run("lvrename", group, "elsewhere", f"volume-{volume}")
    assert doctor() == (0, [])
    ask("DELETE", f"volumes/{volume}")
    wait_for(lambda: not run("lvs", "--noheadings", group).strip())
