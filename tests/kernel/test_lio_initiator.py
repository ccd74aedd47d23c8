"""LIO's targets and the kernel's own initiator."""

from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.targets.lio import LioTarget
from lapilli.targets.lio_settings import LioSettings
from tests.conformance.target_lab import BOB
from tests.conformance.target_lab import Initiator as UserInitiator
from tests.kernel.lio_lab import lab_of, sessions
from tests.kernel.loops import Loops
from tests.kernel.machine import Failed, Initiator, run, wait_for

_PORTALS = ["127.0.0.1:3260", "127.0.0.2:3260"]
_SETTINGS = LioSettings("iscsi", "127.0.0.1", 3260, target_secondary_ip_addresses=("127.0.0.2",))


pytestmark = pytest.mark.usefixtures("lio_alone")


@pytest.fixture
def driver() -> LioTarget:
    return LioTarget(_SETTINGS)


def test_revoking_takes_the_disk_from_a_host(
    driver: LioTarget, loops: Loops, initiator: Initiator, tmp_path: Path
) -> None:
    """Wrong passwords are refused; a host that writes over two portals is out at once, and its neighbour is not."""
    lab = lab_of(tmp_path, loops)
    export = lab.export("volume-a")
    driver.export(export)
    data = driver.grant(export, initiator.name, multipath=True).data
    user, password = data["auth_username"], data["auth_password"]
    assert data["target_portals"] == _PORTALS
    with pytest.raises(Failed, match="authorization failure"):
        initiator.log_in(export.name, _PORTALS[0], user, "wrongwrongwrong")
    devices = [initiator.log_in(export.name, portal, user, password) for portal in _PORTALS]
    for device in devices:
        run("dd", "if=/dev/urandom", f"of={device}", "bs=1M", "count=2", "oflag=direct")
    bob = UserInitiator.of(BOB, driver.grant(export, BOB))
    with bob.session() as session:
        driver.revoke(export, initiator.name)
        assert sessions(export) == {BOB}
        assert session.writes(0, 0x21, 4096)
        with pytest.raises(Failed):
            initiator.log_in(export.name, _PORTALS[0], user, password)
    for portal in _PORTALS:
        initiator.log_out(export.name, portal)
    assert lab.read(export, 0, 4096) == b"\x21" * 4096


@pytest.mark.parametrize(("cache", "told"), [("on", "write back"), ("off", "write through")])
@pytest.mark.parametrize("kind", ["files", "devices"])
def test_the_write_cache_is_as_the_settings_say(
    cache: str, told: str, kind: str, loops: Loops, initiator: Initiator, tmp_path: Path
) -> None:
    """The host knows whether it has to flush; without a cache, what it was told is written is in the storage."""
    driver = LioTarget(replace(_SETTINGS, iscsi_write_cache=cache))
    lab = lab_of(tmp_path, loops if kind == "devices" else None)
    export = lab.export("volume-a")
    driver.export(export)
    data = driver.grant(export, initiator.name).data
    login = data["target_portal"], data["auth_username"], data["auth_password"]
    device = initiator.log_in(export.name, *login)
    assert Path(f"/sys/block/{Path(device).name}/queue/write_cache").read_text().strip() == told
    initiator.log_out(export.name, data["target_portal"])


def test_a_host_sees_the_new_size(driver: LioTarget, loops: Loops, initiator: Initiator, tmp_path: Path) -> None:
    """After a rescan, without a new login."""
    lab = lab_of(tmp_path, loops)
    export = lab.export("volume-a")
    driver.export(export)
    data = driver.grant(export, initiator.name).data
    device = initiator.log_in(export.name, data["target_portal"], data["auth_username"], data["auth_password"])
    grown = lab.grow(export, 2)
    driver.resized(grown)
    run("iscsiadm", "-m", "session", "-R")
    assert wait_for(lambda: run("blockdev", "--getsize64", device).strip() == str(2 * 2**30))
    initiator.log_out(export.name, data["target_portal"])
