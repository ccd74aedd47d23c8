"""iSER and NVMe over RDMA, by LIO and nvmet, with the kernel's own hosts."""

import errno
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed
from lapilli.targets.lio import LioTarget
from lapilli.targets.nvmet import NvmetTarget
from tests.conformance.nvme_host import ALICE, BOB
from tests.conformance.target_lab import Check
from tests.conformance.targets import CHECKS, TELLING, WRITE_PROTECTING, name_of
from tests.kernel import brick, lio_lab, nvmet_lab
from tests.kernel.kernel_host import IserHost
from tests.kernel.loops import Loops
from tests.kernel.machine import Initiator, run, wait_for
from tests.kernel.rdma_lab import ADDRESS, rdma

ISER = replace(lio_lab.SETTINGS, target_protocol="iser", target_ip_address=ADDRESS)
_PLAIN = "203.0.113.1"
NVME = replace(nvmet_lab.SETTINGS, target_protocol="nvmet_rdma", target_ip_address=ADDRESS)


@pytest.fixture(scope="module", autouse=True)
def _rdma() -> Iterator[None]:
    with rdma():
        yield


@pytest.mark.usefixtures("lio_alone", "initiator")
@pytest.mark.parametrize("check", [*CHECKS, *TELLING, *WRITE_PROTECTING], ids=name_of)
def test_lio_conforms_over_iser(check: Check, loops: Loops, tmp_path: Path) -> None:
    """Every check of the suite holds."""
    lab = lio_lab.lab_of(tmp_path, loops)
    check(replace(lab, start=lambda: LioTarget(ISER), login=IserHost.of))


@pytest.mark.usefixtures("lio_alone")
def test_os_brick_logs_in_over_iser(loops: Loops, initiator: Initiator, tmp_path: Path) -> None:
    """As its transport; a host with the wrong password is not let in."""
    lab, driver = lio_lab.lab_of(tmp_path, loops), LioTarget(ISER)
    driver.check()
    export = lab.export("volume-a")
    driver.export(export)
    grant = driver.grant(export, initiator.name)
    assert grant.driver_volume_type == "iser"
    wrong = IserHost(initiator.name, {**grant.data, "auth_password": "wrongwrongwrong"})
    assert not wrong.may_log_in()
    assert brick.connects("iser", grant.data, "iscsiadm -m session").startswith("iser: ")
    assert lab.read(export, 0, 5) == b"brick"


@pytest.mark.usefixtures("nvmet_alone")
@pytest.mark.parametrize("version", [1, 2])
def test_os_brick_connects_over_rdma(version: int, loops: Loops, tmp_path: Path) -> None:
    """In both forms of the connection info."""
    host = Path("/etc/nvme/hostnqn").read_text().strip()
    lab, driver = nvmet_lab.lab_of(tmp_path, loops), NvmetTarget(replace(NVME, nvmeof_conn_info_version=version))
    driver.check()
    export = lab.export("volume-a")
    driver.export(export)
    said = brick.connects("nvmeof", driver.grant(export, host).data, "nvme list-subsys -o json")
    assert {path["Transport"] for path in _paths(json.loads(said))} == {"rdma"}
    assert lab.read(export, 0, 5) == b"brick"


def _paths(told: list[dict[str, list[dict[str, list[dict[str, str]]]]]]) -> list[dict[str, str]]:
    return [path for host in told for subsystem in host["Subsystems"] for path in subsystem["Paths"]]


@pytest.mark.usefixtures("nvmet_alone")
def test_a_host_is_thrown_out_over_rdma(loops: Loops, tmp_path: Path) -> None:
    """It alone; who is connected is told."""
    lab, driver = nvmet_lab.lab_of(tmp_path, loops), NvmetTarget(NVME)
    export = lab.export("volume-a")
    driver.export(export)
    for host in (ALICE, BOB):
        driver.grant(export, host)
        connect(export.name, host)
    assert driver.sessions(export.name) == sorted([ALICE, BOB])
    driver.revoke(export, ALICE)
    assert driver.sessions(export.name) == [BOB]
    with pytest.raises(OSError, match="error") as refused:
        connect(export.name, ALICE)
    assert refused.value.errno != errno.EALREADY
    run("nvme", "disconnect", "-n", export.name)
    assert wait_for(lambda: driver.sessions(export.name) == [])


@pytest.mark.usefixtures("lio_alone", "nvmet_alone")
def test_an_address_without_rdma_is_explained(loops: Loops, tmp_path: Path) -> None:
    """One of this machine's, of another network card."""
    first = lio_lab.lab_of(tmp_path, loops).export("volume-a")
    second = nvmet_lab.lab_of(tmp_path, loops).export("volume-b")
    run("ip", "address", "add", f"{_PLAIN}/32", "dev", "lo")
    try:
        with pytest.raises(BackendFailed, match=rf"iSER on {_PLAIN}:3260 .*network card with this address do RDMA"):
            LioTarget(replace(ISER, target_ip_address=_PLAIN)).export(first)
        with pytest.raises(BackendFailed, match=rf"cannot listen on {_PLAIN} port 4420 .*Set target_ip_address"):
            NvmetTarget(replace(NVME, target_ip_address=_PLAIN)).export(second)
    finally:
        run("ip", "address", "delete", f"{_PLAIN}/32", "dev", "lo")


def connect(name: str, host: str) -> None:
    """As nvme-cli would; but that believes that a machine has one name only."""
    where = f"transport=rdma,traddr={ADDRESS},trsvcid=4420,nqn={name}"
    who = f"hostnqn={host},hostid={host.rpartition(':')[2]},duplicate_connect"
    with Path("/dev/nvme-fabrics").open("w") as fabrics:
        fabrics.write(f"{where},{who}")
