"""The `nvmet` target conforms, over files and block devices, and repairs what a kill leaves."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.model.protocols.targets import TargetDriver
from lapilli.targets.nvmet import NvmetTarget
from lapilli.targets.nvmet_settings import NvmetSettings
from tests.conformance import target_kills
from tests.conformance.nvme_host import ALICE, BOB, NvmeHost
from tests.conformance.target_lab import Check, TargetLab
from tests.conformance.targets import CHECKS, FILES, name_of
from tests.kernel.loops import Loops

_ROOT = Path("/sys/kernel/config/nvmet")
_SETTINGS = NvmetSettings("nvmet_tcp", "127.0.0.1", 4420)


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
    NvmetTarget(_SETTINGS).ensure()
    yield made
    clear()
    made.end()


def lab_of(directory: Path, loops: Loops | None, kind: type[NvmetTarget] = NvmetTarget) -> TargetLab:
    def start() -> TargetDriver:
        return kind(_SETTINGS)

    lab = TargetLab(
        start,
        NvmeHost.connected,
        clear,
        directory,
        prefix=_SETTINGS.target_prefix,
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
