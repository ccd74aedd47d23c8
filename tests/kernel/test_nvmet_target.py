"""The `nvmet` target conforms, over files and block devices, and repairs what a kill leaves."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.machine.kernel_targets import nvmet
from lapilli.model.errors import BackendFailed
from lapilli.model.protocols.targets import TargetDriver
from lapilli.model.values import Export, ExportGrant
from lapilli.targets.nvmet import NvmetTarget
from lapilli.targets.nvmet_settings import NvmetSettings
from tests.conformance import target_kills, targets
from tests.conformance.nvme_host import ALICE, BOB, NvmeHost
from tests.conformance.target_lab import Check, TargetLab
from tests.conformance.targets import CHECKS, FILES, name_of
from tests.kernel.loops import Loops

_ROOT = Path("/sys/kernel/config/nvmet")
SETTINGS = NvmetSettings("nvmet_tcp", "127.0.0.1", 4420)


def clear() -> None:
    """Take away everything, as a reboot would."""
    for link in (*_ROOT.glob("ports/*/subsystems/*"), *_ROOT.glob("subsystems/*/allowed_hosts/*")):
        link.unlink()
    for space in _ROOT.glob("subsystems/*/namespaces/*"):
        (space / "enable").write_text("0")
        space.rmdir()
    for folder in left():
        Path(folder).rmdir()


def left() -> list[str]:
    """All that is there of ports, subsystems and hosts."""
    return [str(each) for kind in ("ports", "subsystems", "hosts") for each in _ROOT.glob(f"{kind}/*")]


@pytest.fixture
def loops() -> Iterator[Loops]:
    made = Loops()
    NvmetTarget(SETTINGS).ensure()
    yield made
    clear()
    made.end()


def lab_of(directory: Path, loops: Loops | None, kind: type[NvmetTarget] = NvmetTarget) -> TargetLab:
    def start() -> TargetDriver:
        return kind(SETTINGS)

    lab = TargetLab(
        start,
        NvmeHost.connected,
        clear,
        directory,
        prefix=SETTINGS.target_prefix,
        alice=ALICE,
        bob=BOB,
        login=NvmeHost.of,
        left=left,
    )
    return replace(lab, device=loops.over, grown=loops.grown) if loops else lab


@pytest.fixture(params=["files", "devices"])
def target_lab(request: pytest.FixtureRequest, loops: Loops, tmp_path: Path) -> TargetLab:
    return lab_of(tmp_path, loops if request.param == "devices" else None)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_nvmet_conforms(check: Check, target_lab: TargetLab) -> None:
    """Every check of the suite holds."""
    check(target_lab)


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
    monkeypatch.setattr(nvmet, "_SHOWN", tmp_path / "nothing")
    target_kills.revoking_survives_kills(lab_of(tmp_path, loops))


def test_ports_and_hosts_are_shared(loops: Loops, tmp_path: Path) -> None:
    """A port that is there is used, whatever its number; it and a host go when the last subsystem has gone."""
    first, second = (lab_of(tmp_path, loops).export(name) for name in ("volume-a", "volume-b"))
    settings = replace(SETTINGS, nvmet_port_id=7)
    driver, other = NvmetTarget(SETTINGS), NvmetTarget(settings)
    for target, export in ((driver, first), (other, second)):
        target.export(export)
        target.grant(export, ALICE)
    assert [port.name for port in (_ROOT / "ports").iterdir()] == ["1"]
    driver.unexport(first)
    assert NvmeHost.of(ALICE, other.grant(second, ALICE)).may_log_in()
    other.unexport(second)
    assert left() == []


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
        (_ROOT / "subsystems" / export.name / "attr_allow_any_host").write_text("1")

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        (_ROOT / "subsystems" / export.name / "attr_allow_any_host").write_text("0")
        return super().grant(export, initiator, multipath=multipath)


class LeavesConnections(NvmetTarget):
    """Revoking keeps new connections out, and the old ones in."""

    def revoke(self, export: Export, initiator: str) -> None:
        (_ROOT / "subsystems" / export.name / "allowed_hosts" / initiator).unlink(missing_ok=True)


class EndsEverybodysConnections(NvmetTarget):
    """Revoking throws out all hosts."""

    def revoke(self, export: Export, initiator: str) -> None:
        super().revoke(export, initiator)
        for link in _ROOT.glob(f"ports/*/subsystems/{export.name}"):
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
        (_ROOT / "hosts" / ALICE).mkdir(exist_ok=True)


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
