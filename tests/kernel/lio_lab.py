"""LIO, for tests: a target driver's world, and how to take everything away."""

from contextlib import suppress
from pathlib import Path

from lapilli.model.protocols.targets import TargetDriver
from lapilli.model.values import Export
from lapilli.targets.lio import LioTarget
from lapilli.targets.lio_settings import LioSettings
from tests.conformance.target_lab import TargetLab
from tests.kernel.loops import Loops

ROOT = Path("/sys/kernel/config/target")
SETTINGS = LioSettings("iscsi", "127.0.0.1", 3260)


def clear() -> None:
    """Take away all targets and backstores, without rtslib, as a reboot would."""
    for enabled in ROOT.glob("iscsi/*/tpgt_*/enable"):
        enabled.write_text("0")
    for links in ("acls/*/lun_*/*", "lun/lun_*/*"):
        for link in ROOT.glob(f"iscsi/*/tpgt_*/{links}"):
            if link.is_symlink():
                link.unlink()
    kept = {"discovery_auth", "alua"}
    for folders in ("/acls/*/lun_*", "/acls/*", "/np/*", "/lun/*", ""):
        for folder in ROOT.glob(f"iscsi/*/tpgt_*{folders}"):
            folder.rmdir()
    for folders in ("iscsi/*", "core/*_*/*", "core/*_*"):
        for folder in ROOT.glob(folders):
            if folder.is_dir() and folder.name not in kept:
                folder.rmdir()


def left() -> list[str]:
    """All that is there of targets and backstores."""
    found = [*ROOT.glob("iscsi/*"), *ROOT.glob("core/*_*"), *ROOT.glob("core/*_*/*")]
    return [str(each) for each in found if each.is_dir() and each.name not in ("discovery_auth", "alua")]


def sessions(export: Export) -> set[str]:
    found = set()
    for info in ROOT.glob(f"iscsi/{export.name}/tpgt_1/acls/*/info"):
        with suppress(FileNotFoundError):
            if "InitiatorName" in info.read_text():
                found.add(info.parent.name)
    return found


def lab_of(directory: Path, loops: Loops | None, kind: type[LioTarget] = LioTarget) -> TargetLab:
    def start() -> TargetDriver:
        return kind(SETTINGS)

    if loops is None:
        return TargetLab(start, sessions, clear, directory, left=left)
    return TargetLab(start, sessions, clear, directory, device=loops.over, grown=loops.grown, left=left)
