"""The `lio` target conforms, over files and block devices, and repairs what a kill leaves."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
import rtslib_fb

from lapilli.model.errors import BackendFailed
from lapilli.model.values import Export, ExportGrant
from lapilli.targets.lio import LioTarget
from tests.conformance import target_kills, targets
from tests.conformance.target_lab import ALICE, Check, Initiator, TargetLab
from tests.conformance.targets import CHECKS, FILES, ISCSI, MANY, TELLING, WRITE_PROTECTING, name_of
from tests.kernel.lio_lab import ROOT, SETTINGS, clear, lab_of, left, sessions
from tests.kernel.loops import Loops

pytestmark = pytest.mark.usefixtures("lio_alone")


@pytest.fixture(params=["files", "devices"])
def target_lab(request: pytest.FixtureRequest, loops: Loops, tmp_path: Path) -> TargetLab:
    return lab_of(tmp_path, loops if request.param == "devices" else None)


@pytest.mark.parametrize("check", [*CHECKS, *ISCSI, *TELLING, *WRITE_PROTECTING], ids=name_of)
def test_lio_conforms(check: Check, target_lab: TargetLab) -> None:
    """Every check of the suite holds."""
    check(target_lab)


@pytest.mark.parametrize("check", MANY, ids=name_of)
def test_lio_serves_many(check: Check, loops: Loops, tmp_path: Path) -> None:
    """At once."""
    check(lab_of(tmp_path, loops))


@pytest.mark.parametrize("check", FILES, ids=name_of)
def test_lio_conforms_with_files(check: Check, loops: Loops, tmp_path: Path) -> None:
    check(lab_of(tmp_path, None))


@pytest.mark.parametrize("check", target_kills.CHECKS, ids=name_of)
def test_lio_survives_kills(check: Check, loops: Loops, tmp_path: Path) -> None:
    """Killed at any point, LIO's targets are finished by the next call."""
    check(lab_of(tmp_path, loops))


def test_lost_targets_change_the_generation(loops: Loops, tmp_path: Path) -> None:
    """It differs once after a loss, be it of some; not after what the target itself has taken away."""
    lab = lab_of(tmp_path, loops)
    driver = LioTarget(SETTINGS)
    first, second = lab.export("volume-a"), lab.export("volume-b")
    seen = {driver.generation()}
    driver.export(first)
    driver.export(second)
    driver.unexport(second)
    assert {driver.generation()} == seen
    clear()
    seen.add(driver.generation())
    driver.export(first)
    assert driver.generation() in seen
    assert len(seen) == 2
    assert (
        LioTarget(SETTINGS).generation().rpartition("-")[0] == Path("/proc/sys/kernel/random/boot_id").read_text()[:-1]
    )


def test_volumes_have_their_own_identity(loops: Loops, tmp_path: Path) -> None:
    """The volume's id names the disk, so multipath never joins two volumes, and knows one again after a reboot."""
    lab = lab_of(tmp_path, loops)
    driver, pages = lab.start(), []
    first, second = lab.export("volume-a"), lab.export("volume-b")
    for export in (first, first, second):
        driver.export(export)
        alice = Initiator.of(ALICE, driver.grant(export, ALICE))
        pages.append((alice.page(0x80), alice.page(0x83)))
        clear()
    assert pages[0] == pages[1] != pages[2]
    assert first.volume_id.replace("-", "") in pages[0][0]


def test_what_others_made_of_the_backstore_goes_with_it(loops: Loops, tmp_path: Path) -> None:
    """A LUN that somebody's targetcli has made of it does not keep the volume from being deleted."""
    lab = lab_of(tmp_path, loops)
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    (store,) = rtslib_fb.RTSRoot().storage_objects
    others = rtslib_fb.Target(rtslib_fb.FabricModule("iscsi"), "iqn.2026-01.org.example:other")
    group = rtslib_fb.TPG(others, 1)
    rtslib_fb.LUN(group, 3, store)
    driver.unexport(export)
    assert list(group.luns) == []
    others.delete()
    assert left() == []


def test_several_portals_are_served_and_told(loops: Loops, tmp_path: Path) -> None:
    """Secondary addresses, IPv6 among them, are listened on and told; one that is not wanted any more is closed."""
    settings = replace(SETTINGS, target_secondary_ip_addresses=("127.0.0.2", "::1"))
    export = lab_of(tmp_path, loops).export("volume-a")
    driver = LioTarget(settings)
    driver.check()
    driver.export(export)
    data = driver.grant(export, ALICE).data
    assert data["target_portals"] == ["127.0.0.1:3260", "127.0.0.2:3260", "[::1]:3260"]
    for portal in data["target_portals"][:2]:
        assert Initiator(ALICE, data).but(target_portal=portal).may_log_in()
    socket.create_connection(("::1", 3260)).close()
    with Initiator(ALICE, data).session() as session:
        LioTarget(SETTINGS).export(export)
        assert session.writes(0, 0x12, 4096)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", 3260))


def test_check_says_what_is_wrong(loops: Loops) -> None:
    """An address that is not ours, a port that is taken, and a transport that the kernel lacks."""
    LioTarget(SETTINGS).check()
    with pytest.raises(BackendFailed, match=r"192\.0\.2\.1:3260.*addresses of this machine"):
        LioTarget(replace(SETTINGS, target_ip_address="192.0.2.1")).check()
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(BackendFailed, match="another program"):
        LioTarget(replace(SETTINGS, target_port=other.getsockname()[1])).check()
    with pytest.raises(BackendFailed, match=r"RDMA.*target_protocol = iscsi"):
        LioTarget(replace(SETTINGS, target_protocol="iser")).check()


def test_a_portal_that_cannot_be_had_is_explained(loops: Loops, tmp_path: Path) -> None:
    """The kernel's number of the error is not all that the operator gets."""
    export = lab_of(tmp_path, loops).export("volume-a")
    with socket.create_server(("127.0.0.1", 0)) as other:
        driver = LioTarget(replace(SETTINGS, target_port=other.getsockname()[1]))
        with pytest.raises(
            BackendFailed, match=r"cannot listen on 127\.0\.0\.1:.*Set target_ip_address and target_port"
        ):
            driver.export(export)
    driver.unexport(export)
    assert left() == []


class AsksNoPassword(LioTarget):
    """Targets let everybody in who has the initiator's name."""

    def export(self, export: Export) -> None:
        super().export(export)
        (ROOT / "iscsi" / export.name / "tpgt_1/attrib/authentication").write_text("0")


class OpensToAll(LioTarget):
    """A grant to one is a grant to all."""

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        group = ROOT / "iscsi" / export.name / "tpgt_1"
        for attribute, value in {"authentication": "0", "generate_node_acls": "1"}.items():
            (group / "attrib" / attribute).write_text(value)
        return super().grant(export, initiator, multipath=multipath)


class LeavesSessions(LioTarget):
    """Revoking does nothing."""

    def revoke(self, export: Export, initiator: str) -> None:
        pass


class EndsEverybodysSessions(LioTarget):
    """Revoking throws out all initiators."""

    def revoke(self, export: Export, initiator: str) -> None:
        for each in sessions(export):
            super().revoke(export, each)


class StartsOver(LioTarget):
    """A second export makes the target anew."""

    def export(self, export: Export) -> None:
        self.unexport(export)
        super().export(export)


class TrustsNames(LioTarget):
    """Takes whatever target has the name."""

    def export(self, export: Export) -> None:
        if export.name not in self.exports():
            super().export(export)


class NeverGrows(LioTarget):
    """The size of a target is what it was first."""

    def resized(self, export: Export) -> None:
        pass


class LeavesBackstores(LioTarget):
    """Takes away the target alone."""

    def unexport(self, export: Export) -> None:
        rtslib_fb.Target(rtslib_fb.FabricModule("iscsi"), export.name, "lookup").delete()


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (AsksNoPassword, targets.passwords_are_asked_for),
        (OpensToAll, targets.strangers_are_refused),
        (OpensToAll, targets.two_initiators_share_an_export),
        (LeavesSessions, targets.revoking_ends_one_initiators_sessions),
        (EndsEverybodysSessions, targets.revoking_ends_one_initiators_sessions),
        (StartsOver, targets.exporting_again_disturbs_nobody),
        (TrustsNames, targets.a_target_of_another_file_is_replaced),
        (NeverGrows, targets.a_grown_volume_is_seen),
        (LeavesBackstores, target_kills.what_was_half_made_can_be_removed),
    ],
)
def test_the_suite_notices_a_broken_target(kind: type[LioTarget], check: Check, loops: Loops, tmp_path: Path) -> None:
    """Each wrong target fails the check that is there for its fault."""
    with pytest.raises((AssertionError, BackendFailed, pytest.fail.Exception, rtslib_fb.RTSLibError)):
        check(lab_of(tmp_path, None, kind))
