"""iSER and NVMe over RDMA, by LIO and nvmet, and the kernel's own hosts."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.targets.lio import LioTarget
from lapilli.targets.nvmet import NvmetTarget
from tests.conformance.target_lab import BOB
from tests.kernel import lio_lab, nvmet_lab
from tests.kernel.loops import Loops
from tests.kernel.machine import Failed, Initiator, run
from tests.kernel.rdma_lab import ADDRESS, RdmaInitiator, rdma

ISER = replace(lio_lab.SETTINGS, target_protocol="iser", target_ip_address=ADDRESS)


@pytest.fixture(scope="module", autouse=True)
def _rdma() -> Iterator[None]:
    with rdma():
        yield


@pytest.mark.usefixtures("lio_alone")
def test_a_host_writes_over_iser(loops: Loops, initiator: Initiator, tmp_path: Path) -> None:
    """With its password only, over RDMA and not TCP; it is out at once when its grant is revoked."""
    lab, driver = lio_lab.lab_of(tmp_path, loops), LioTarget(ISER)
    driver.check()
    export = lab.export("volume-a")
    driver.export(export)
    grant = driver.grant(export, initiator.name)
    assert grant.driver_volume_type == "iser"
    where = (export.name, grant.data["target_portal"], grant.data["auth_username"])
    with pytest.raises(Failed, match="authorization failure"):
        initiator.log_in(*where, "wrongwrongwrong", transport="iser")
    disk = initiator.log_in(*where, grant.data["auth_password"], transport="iser")
    assert [each.read_text().strip() for each in Path("/sys/class/iscsi_transport").glob("iser/handle")]
    assert run("iscsiadm", "-m", "session").startswith("iser: ")
    run("dd", "if=/dev/zero", f"of={disk}", "bs=1M", "count=4", "oflag=direct")
    Path(disk).write_bytes(b"iser" * 1024)
    run("sync", disk)
    assert lab.read(export, 0, 4) == b"iser"
    bob = RdmaInitiator.of(BOB, driver.grant(export, BOB))
    with bob.session() as session:
        driver.revoke(export, initiator.name)
        assert driver.sessions(export.name) == [BOB]
        assert session.writes(0, 0x21, 4096)
    initiator.log_out(export.name, grant.data["target_portal"])
