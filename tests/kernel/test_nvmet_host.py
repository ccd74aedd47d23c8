"""nvmet's targets and the kernel's own host."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.machine.kernel_targets import nvmet_hosts
from lapilli.model.errors import BackendFailed
from lapilli.model.values import ExportGrant
from lapilli.targets.nvmet import NvmetTarget
from tests.conformance.nvme_host import ALICE, BOB
from tests.kernel import brick
from tests.kernel.loops import Loops
from tests.kernel.machine import Failed, run, wait_for
from tests.kernel.nvmet_lab import SETTINGS, lab_of

_ID = "b0b00000-0000-4000-8000-000000000002"
_SECRET = "what only the operator knows"
pytestmark = pytest.mark.usefixtures("nvmet_alone")


def connect(grant: ExportGrant, *words: str) -> None:
    data = grant.data
    where = ["-t", data["transport_type"], "-a", data["target_portal"], "-s", data["target_port"], "-n", data["nqn"]]
    run("nvme", "connect", *where, "--hostnqn", BOB, "--hostid", _ID, *words)


@contextmanager
def connected(grant: ExportGrant, *words: str) -> Iterator[str]:
    """The kernel's host, called Bob, is connected; its device."""
    connect(grant, *words)
    try:
        yield wait_for(device)
    finally:
        run("nvme", "disconnect", "-n", grant.data["nqn"])


def device() -> str | None:
    return next((str(path) for path in Path("/dev").glob("nvme?n1")), None)


def test_a_host_is_told_of_the_new_size_and_thrown_out(loops: Loops, tmp_path: Path) -> None:
    """It sees the size without asking; when it is out, its device fails, and another host goes on."""
    lab = lab_of(tmp_path, loops)
    export, driver = lab.export("volume-a"), lab.start()
    driver.export(export)
    bob = driver.grant(export, BOB)
    alice = lab.login(ALICE, driver.grant(export, ALICE))
    with alice.session() as session, connected(bob) as disk:
        run("dd", "if=/dev/zero", f"of={disk}", "bs=1M", "count=2", "oflag=direct")
        driver.resized(lab.grow(export, 2))
        assert wait_for(lambda: run("blockdev", "--getsize64", disk).strip() == str(2 * 2**30))
        driver.revoke(export, BOB)
        assert session.writes(0, 0x31, 4096)
        with pytest.raises(Failed):
            connect(bob)
        assert lab.read(export, 0, 4096) == b"\x31" * 4096


def test_without_debugfs_the_other_hosts_wait(loops: Loops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel does not show who is connected, one host is out, and the other comes back with its I/O whole."""
    monkeypatch.setattr(nvmet_hosts, "_SHOWN", tmp_path / "nothing")
    lab = lab_of(tmp_path, loops)
    export, driver = lab.export("volume-a"), lab.start()
    driver.export(export)
    bob = driver.grant(export, BOB)
    alice = lab.login(ALICE, driver.grant(export, ALICE))
    with connected(bob, "--reconnect-delay", "1") as disk, alice.session() as session:
        writing = ["dd", "if=/dev/zero", f"of={disk}", "bs=64k", "count=2000", "oflag=direct"]
        with subprocess.Popen(writing, stderr=subprocess.DEVNULL) as writer:
            assert wait_for(lambda: _written(disk) > 0)
            driver.revoke(export, ALICE)
            assert not session.writes(0, 0x41, 4096)
            assert not alice.may_log_in()
            assert writer.wait() == 0


def _written(disk: str) -> int:
    return int(Path(f"/sys/block/{Path(disk).name}/stat").read_text().split()[4])


def test_a_host_must_prove_its_key(loops: Loops, tmp_path: Path) -> None:
    """With a secret of the operator's a name alone is not enough, nor is the key of another host."""
    driver = NvmetTarget(replace(SETTINGS, nvmet_dhchap_secret=_SECRET))
    driver.check()
    export = lab_of(tmp_path, loops).export("volume-a")
    driver.export(export)
    bob, alice = driver.grant(export, BOB), driver.grant(export, ALICE)
    for words in ([], ["--dhchap-secret", alice.data["dhchap_key"]]):
        with pytest.raises(Failed):
            connect(bob, *words)
    with connected(bob, "--dhchap-secret", bob.data["dhchap_key"]) as disk:
        run("dd", "if=/dev/zero", f"of={disk}", "bs=64k", "count=1", "oflag=direct")


def test_check_says_what_is_wrong(loops: Loops) -> None:
    """A form of the connection info that cannot tell of all portals, and a transport that the kernel lacks."""
    NvmetTarget(SETTINGS).check()
    two = replace(SETTINGS, target_secondary_ip_addresses=("127.0.0.2",))
    with pytest.raises(BackendFailed, match="nvmeof_conn_info_version = 2"):
        NvmetTarget(two).check()
    NvmetTarget(replace(two, nvmeof_conn_info_version=2)).check()
    with pytest.raises(BackendFailed, match=r"RDMA.*target_protocol = nvmet_tcp"):
        NvmetTarget(replace(SETTINGS, target_protocol="nvmet_rdma")).check()


@pytest.mark.parametrize("version", [1, 2])
def test_os_brick_finds_the_volume(version: int, loops: Loops, tmp_path: Path) -> None:
    """In both forms of the connection info; with several portals in the second."""
    host = Path("/etc/nvme/hostnqn").read_text().strip()
    more = ("127.0.0.2",) if version == 2 else ()
    settings = replace(SETTINGS, nvmeof_conn_info_version=version, target_secondary_ip_addresses=more)
    lab, driver = lab_of(tmp_path, loops), NvmetTarget(settings)
    export = lab.export("volume-a")
    driver.export(export)
    told = brick.connects("nvmeof", driver.grant(export, host).data, "blockdev --getsize64 $DISK")
    assert told.strip() == str(2**30)
    assert lab.read(export, 0, 5) == b"brick"


def test_os_brick_proves_the_key_that_nvme_cli_knows(loops: Loops, tmp_path: Path) -> None:
    """It hands on no key itself; with the host's in nvme-cli's own configuration the kernel has it."""
    host, host_id = (Path("/etc/nvme", name).read_text().strip() for name in ("hostnqn", "hostid"))
    lab, driver = lab_of(tmp_path, loops), NvmetTarget(replace(SETTINGS, nvmet_dhchap_secret=_SECRET))
    export = lab.export("volume-a")
    driver.export(export)
    data = driver.grant(export, host).data
    known = Path("/etc/nvme/config.json")
    known.write_text(json.dumps([{"hostnqn": host, "hostid": host_id, "dhchap_key": data["dhchap_key"]}]))
    try:
        brick.connects("nvmeof", data, "true")
    finally:
        known.unlink()
    assert lab.read(export, 0, 5) == b"brick"
