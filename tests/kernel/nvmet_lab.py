"""nvmet, for tests: a target driver's world, and how to take everything away."""

from dataclasses import replace
from pathlib import Path

from lapilli.machine.kernel_targets import nvmet_made
from lapilli.model.protocols.targets import TargetDriver
from lapilli.targets.nvmet import NvmetTarget
from lapilli.targets.nvmet_settings import NvmetSettings
from tests.conformance.nvme_host import ALICE, BOB, NvmeHost
from tests.conformance.target_lab import TargetLab
from tests.kernel.loops import Loops

ROOT = Path("/sys/kernel/config/nvmet")
SETTINGS = NvmetSettings("nvmet_tcp", "127.0.0.1", 4420)


def clear() -> None:
    """Take away everything, as a reboot would."""
    for link in (*ROOT.glob("ports/*/subsystems/*"), *ROOT.glob("subsystems/*/allowed_hosts/*")):
        link.unlink()
    for space in ROOT.glob("subsystems/*/namespaces/*"):
        (space / "enable").write_text("0")
        space.rmdir()
    for folder in left():
        Path(folder).rmdir()


def left() -> list[str]:
    """All that is there of ports, subsystems and hosts, and of notes whose they are."""
    found = [each for kind in ("ports", "subsystems", "hosts") for each in ROOT.glob(f"{kind}/*")]
    return sorted(str(each) for each in [*found, *nvmet_made._NOTES.glob("*/*")])


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
