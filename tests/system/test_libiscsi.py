"""libiscsi's own tests of targets, against a volume that this service exports through tgt, and against a bare tgtd."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.crash.tgt import Tgt
from tests.system.service import Service, served

ALICE, BOB = (f"iqn.1993-08.org.debian:01:{name}" for name in ("alice", "bob"))
IQN = "iqn.2010-10.org.openstack:bare"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[str]:
    """The URL of a LUN of a tgtd that only tgtadm has told what to do."""
    tgt = Tgt()
    tgt.start()
    disk = tmp_path / "disk"
    disk.touch()
    subprocess.run(["truncate", "--size=1G", disk], check=True)
    administer = ["tgtadm", "-C", str(tgt.settings.tgt_control_port), "--lld", "iscsi", "--op"]
    subprocess.run([*administer, "new", "--mode", "target", "--tid", "1", "-T", IQN], check=True)
    subprocess.run(
        [*administer, "new", "--mode", "logicalunit", "--tid", "1", "--lun", "1", "-b", str(disk)], check=True
    )
    subprocess.run([*administer, "bind", "--mode", "target", "--tid", "1", "-I", "ALL"], check=True)
    yield f"iscsi://{tgt.settings.portals[0]}/{IQN}/1"
    tgt.stop()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[str]:
    """The URL of a volume that is attached to both initiators."""
    with served(tmp_path) as service:
        shared = {"name": "shared", "extra_specs": {"multiattach": "<is> True"}}
        service.send("POST", "/types", {"volume_type": shared}, roles="admin")
        volume = service.volume(1, volume_type="shared")
        abouts = [attached(service, volume, initiator) for initiator in (ALICE, BOB)]
        about = abouts[0]
        credentials = f"{about['auth_username']}%{about['auth_password']}"
        yield f"iscsi://{credentials}@{about['target_portal']}/{about['target_iqn']}/{about['target_lun']}"


def attached(service: Service, volume: str, initiator: str) -> dict[str, Any]:
    connector = {"initiator": initiator, "host": initiator, "ip": "127.0.0.1", "multipath": False}
    wish = {"volume_uuid": volume, "connector": connector}
    made = service.ask("POST", "/attachments", {"attachment": wish})["attachment"]
    service.ask("POST", f"/attachments/{made['id']}/action", {"os-complete": {}})
    return dict(made["connection_info"])


def passed(url: str, folder: Path) -> set[str]:
    """The names of the tests that the LUN passes. Its bytes are lost."""
    folder.mkdir()
    command = ["iscsi-test-cu", "--dataloss", "--test=ALL", "--xml", "-i", ALICE, "-I", BOB, url]
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    report = ET.parse(folder / "CUnitAutomated-Results.xml")
    return names(report, "SUCCESS") - names(report, "FAILURE")


def names(report: ET.ElementTree, outcome: str) -> set[str]:
    """The tests with that outcome, as suite and test."""
    suites = report.iter("CUNIT_RUN_SUITE_SUCCESS")
    found = ((suite, record) for suite in suites for record in suite.iter(f"CUNIT_RUN_TEST_{outcome}"))
    return {
        f"{(suite.findtext('SUITE_NAME') or '').strip()}.{(test.findtext('TEST_NAME') or '').strip()}"
        for suite, test in found
    }


def test_a_volume_of_ours_passes_what_a_bare_lun_passes(bare: str, ours: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as both:
        of_bare, of_ours = both.map(passed, [bare, ours], [tmp_path / "bare", tmp_path / "ours"])
    assert len(of_bare) > 200
    assert of_bare - of_ours == set()
