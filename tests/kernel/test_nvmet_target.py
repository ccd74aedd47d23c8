"""The `nvmet` target conforms, over files and block devices, and repairs what a kill leaves."""

from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.machine.kernel_targets import nvmet_hosts, nvmet_ports
from lapilli.model.errors import BackendFailed
from lapilli.model.values import Export, ExportGrant
from lapilli.targets.nvmet import NvmetTarget
from tests.conformance import target_kills, targets
from tests.conformance.nvme_host import ALICE, BOB, NvmeHost
from tests.conformance.target_lab import Check, TargetLab
from tests.conformance.targets import CHECKS, FILES, MANY, TELLING, name_of
from tests.kernel.loops import Loops
from tests.kernel.nvmet_lab import ROOT, SETTINGS, clear, lab_of, left

pytestmark = pytest.mark.usefixtures("nvmet_alone")


@pytest.fixture(params=["files", "devices"])
def target_lab(request: pytest.FixtureRequest, loops: Loops, tmp_path: Path) -> TargetLab:
    return lab_of(tmp_path, loops if request.param == "devices" else None)


@pytest.mark.parametrize("check", [*CHECKS, *TELLING], ids=name_of)
def test_nvmet_conforms(check: Check, target_lab: TargetLab) -> None:
    """Every check of the suite holds."""
    check(target_lab)


@pytest.mark.parametrize("check", MANY, ids=name_of)
def test_nvmet_serves_many(check: Check, loops: Loops, tmp_path: Path) -> None:
    """At once."""
    check(lab_of(tmp_path, loops))


@pytest.mark.parametrize("check", FILES, ids=name_of)
def test_nvmet_conforms_with_files(check: Check, loops: Loops, tmp_path: Path) -> None:
    """What is missing is explained."""
    check(lab_of(tmp_path, None))


@pytest.mark.parametrize("check", target_kills.CHECKS, ids=name_of)
def test_nvmet_survives_kills(check: Check, loops: Loops, tmp_path: Path) -> None:
    """Killed at any point, nvmet's subsystems are finished by the next call."""
    check(lab_of(tmp_path, loops))


def test_revoking_survives_kills_without_debugfs(loops: Loops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other way to end a host's connections takes more steps."""
    monkeypatch.setattr(nvmet_hosts, "_SHOWN", tmp_path / "nothing")
    target_kills.revoking_survives_kills(lab_of(tmp_path, loops))


def test_without_debugfs_nobody_knows_who_is_connected(
    loops: Loops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is not the same as nobody; of a subsystem that has gone it is known."""
    monkeypatch.setattr(nvmet_hosts, "_SHOWN", tmp_path / "nothing")
    export, driver = lab_of(tmp_path, loops).export("volume-a"), NvmetTarget(SETTINGS)
    driver.export(export)
    assert driver.sessions(export.name) is None
    driver.unexport(export)
    assert driver.sessions(export.name) == []


def test_ports_and_hosts_are_shared(loops: Loops, tmp_path: Path) -> None:
    """A port that is there is used, whatever its number; it and a host go when the last subsystem has gone."""
    first, second = (lab_of(tmp_path, loops).export(name) for name in ("volume-a", "volume-b"))
    settings = replace(SETTINGS, nvmet_port_id=7)
    driver, other = NvmetTarget(SETTINGS), NvmetTarget(settings)
    for target, export in ((driver, first), (other, second)):
        target.export(export)
        target.grant(export, ALICE)
    assert [port.name for port in (ROOT / "ports").iterdir()] == ["1"]
    driver.unexport(first)
    assert NvmeHost.of(ALICE, other.grant(second, ALICE)).may_log_in()
    other.unexport(second)
    assert left() == []


def test_what_others_made_stays(loops: Loops, tmp_path: Path) -> None:
    """An administrator's port and host are used; neither they nor what is not finished yet is taken away."""
    others = [ROOT / "ports/1", ROOT / "ports/2", ROOT / "hosts" / ALICE]
    for folder in others:
        folder.mkdir()
    for key, value in nvmet_ports.Portal("127.0.0.1", "4420", "tcp").attributes.items():
        (others[1] / key).write_text(value)
    before = left()
    export, driver = lab_of(tmp_path, loops).export("volume-a"), NvmetTarget(SETTINGS)
    driver.export(export)
    for host in (ALICE, BOB):
        assert NvmeHost.of(host, driver.grant(export, host)).may_log_in()
        driver.revoke(export, host)
    driver.unexport(export)
    assert left() == before


def test_our_port_is_beside_those_of_others(loops: Loops, tmp_path: Path) -> None:
    """It takes the first number that is free, not one that somebody is about to use."""
    for number in (1, 2):
        (ROOT / "ports" / str(number)).mkdir()
    export, driver = lab_of(tmp_path, loops).export("volume-a"), NvmetTarget(SETTINGS)
    driver.export(export)
    assert [each.parents[1].name for each in ROOT.glob("ports/*/subsystems/*")] == ["3"]
    driver.unexport(export)
    assert {each.name for each in ROOT.glob("ports/*")} == {"1", "2"}


def test_a_hosts_key_is_not_replaced(loops: Loops, tmp_path: Path) -> None:
    """The kernel has one for each host: another would lock it out of what an administrator gave it."""
    host = ROOT / "hosts" / ALICE
    host.mkdir()
    export = lab_of(tmp_path, loops).export("volume-a")
    asking = NvmetTarget(replace(SETTINGS, nvmet_dhchap_secret="ours"))
    asking.export(export)
    for there in ("", NvmetTarget(replace(SETTINGS, nvmet_dhchap_secret="theirs"))._key_of(ALICE)):
        if there:
            (host / "dhchap_key").write_text(there)
        with pytest.raises(BackendFailed, match="made by somebody else"):
            asking.grant(export, ALICE)
        assert (host / "dhchap_key").read_text().strip() == there
    (host / "dhchap_key").write_text(asking._key_of(ALICE))
    assert asking.grant(export, ALICE).data["dhchap_key"]


def test_lost_subsystems_change_the_generation(loops: Loops, tmp_path: Path) -> None:
    """So that the service makes them again."""
    export, driver = lab_of(tmp_path, loops).export("volume-a"), NvmetTarget(SETTINGS)
    driver.export(export)
    before = driver.generation()
    assert driver.generation() == before
    clear()
    assert driver.generation() != before


def test_nvmet_cannot_protect_from_writing(loops: Loops, tmp_path: Path) -> None:
    """It says so, rather than let a host write."""
    export = lab_of(tmp_path, loops).export("volume-a")
    with pytest.raises(BackendFailed, match="read-only"):
        NvmetTarget(SETTINGS).export(replace(export, read_only=True))
    assert left() == []


class OpensToAll(NvmetTarget):
    """A grant to one is a grant to all."""

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        for host in (ALICE, BOB):
            grant = super().grant(export, host, multipath=multipath)
        return grant


class OpensAtOnce(NvmetTarget):
    """A new subsystem is open to everybody."""

    def export(self, export: Export) -> None:
        super().export(export)
        (ROOT / "subsystems" / export.name / "attr_allow_any_host").write_text("1")

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        (ROOT / "subsystems" / export.name / "attr_allow_any_host").write_text("0")
        return super().grant(export, initiator, multipath=multipath)


class LeavesConnections(NvmetTarget):
    """Revoking keeps new connections out, and the old ones in."""

    def revoke(self, export: Export, initiator: str) -> None:
        (ROOT / "subsystems" / export.name / "allowed_hosts" / initiator).unlink(missing_ok=True)


class EndsEverybodysConnections(NvmetTarget):
    """Revoking throws out all hosts."""

    def revoke(self, export: Export, initiator: str) -> None:
        super().revoke(export, initiator)
        for link in ROOT.glob(f"ports/*/subsystems/{export.name}"):
            link.unlink()


class StartsOver(NvmetTarget):
    """A second export makes the subsystem anew."""

    def export(self, export: Export) -> None:
        self.unexport(export)
        super().export(export)


class TrustsNames(NvmetTarget):
    """Takes whatever subsystem has the name."""

    def export(self, export: Export) -> None:
        if export.name not in self.exports():
            super().export(export)


class LeavesHosts(NvmetTarget):
    """Takes away the subsystem alone."""

    def unexport(self, export: Export) -> None:
        super().unexport(export)
        (ROOT / "hosts" / ALICE).mkdir(exist_ok=True)


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (OpensToAll, targets.strangers_are_refused),
        (OpensAtOnce, targets.a_new_target_is_closed),
        (LeavesConnections, targets.revoking_ends_one_initiators_sessions),
        (EndsEverybodysConnections, targets.revoking_ends_one_initiators_sessions),
        (StartsOver, targets.exporting_again_disturbs_nobody),
        (TrustsNames, targets.a_target_of_another_file_is_replaced),
        (LeavesHosts, target_kills.what_was_half_made_can_be_removed),
    ],
)
def test_the_suite_notices_a_broken_target(kind: type[NvmetTarget], check: Check, loops: Loops, tmp_path: Path) -> None:
    """Each wrong target fails the check that is there for its fault."""
    with pytest.raises((AssertionError, BackendFailed, pytest.fail.Exception)):
        check(lab_of(tmp_path, loops, kind))
