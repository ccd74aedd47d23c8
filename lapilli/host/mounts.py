"""What uses a block device of this machine, and the file system that `lapilli attach` mounts for the operator."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed, Conflict, Malformed

_MOUNTS: Final = Path("/proc/self/mounts")
_SWAPS: Final = Path("/proc/swaps")
_BLOCK: Final = Path("/sys/class/block")
_BLKID_KNOWS_NOTHING: Final = 2
_MULTIPATH: Final = re.compile(r"(part\d+-)?mpath-")


def directory(place: str | None) -> Path | None:
    """The directory to mount at, or None where `place` is only a record: nothing, or a name such as /dev/vdb.

    Raises `Malformed` if it is neither.
    """
    if place is None or Path(place).is_relative_to("/dev"):
        return None
    path = Path(place)
    if not path.is_absolute() or not path.is_dir():
        raise Malformed(f"{place} is not an existing directory: make it first (mkdir -p {place}).")
    return path.resolve()


def mount(device: Path, place: Path) -> None:
    """Mount the device's file system at `place`. If it is there, do nothing; if something else is, `Conflict`."""
    there = [source for source, at in _mounted() if at == str(place)]
    if there:
        if Path(there[-1]).resolve() == device.resolve():
            return
        raise Conflict(f"{there[-1]} is mounted at {place}: {device} is attached and not mounted.")
    if not _has_file_system(device):
        raise Conflict(
            f"{device} is attached and has no file system: make one, as with `mkfs.ext4 {device}`, and attach again."
        )
    try:
        run(["mount", str(device), str(place)])
    except CommandFailed as failed:
        raise BackendFailed(f"{device} is attached and cannot be mounted: {failed.stderr.strip()}") from failed


def unmount(device: Path, place: Path) -> None:
    """Undo `mount`. If the device is not mounted at `place`, do nothing; `Conflict` if it is in use."""
    if not any(at == str(place) and Path(source).resolve() == device.resolve() for source, at in _mounted()):
        return
    try:
        run(["umount", str(place)])
    except CommandFailed as failed:
        raise Conflict(
            f"{device} cannot be unmounted: {failed.stderr.strip()} `fuser -vm {place}` shows who."
        ) from failed


def refuse_used(devices: Iterable[Path]) -> None:
    """Raise `Conflict` if a device, one of its partitions or what lies upon them is in use."""
    for device in devices:
        names = set(_upon(device.resolve().name))
        for source, place in _mounted():
            if Path(source).resolve().name in names and source.startswith("/dev/"):
                raise Conflict(f"{source} is mounted at {place}: unmount it first.")
        for line in _SWAPS.read_text().splitlines()[1:] if _SWAPS.exists() else ():
            if Path(line.split()[0]).resolve().name in names:
                raise Conflict(f"{line.split()[0]} is swap space: swapoff it first.")
        for name in sorted(names):
            if (holder := _mapped(name)) is not None:
                raise Conflict(
                    f"/dev/mapper/{holder} lies on {device}: take it away first (vgchange -an, dmsetup remove)."
                )


def _upon(name: str) -> Iterator[str]:
    """A device, its partitions, and the devices that lie on them."""
    yield name
    above = _BLOCK / name
    partitions = [path.parent.name for path in above.glob("*/partition")]
    for each in (*partitions, *(path.name for path in (above / "holders").glob("*"))):
        yield from _upon(each)


def _mapped(name: str) -> str | None:
    """The name of a device that device-mapper has made, and that is not a map of paths (which goes with them)."""
    about = _BLOCK / name / "dm"
    try:
        identity = (about / "uuid").read_text()
        return None if _MULTIPATH.match(identity) else (about / "name").read_text().strip()
    except OSError:
        return None


def _has_file_system(device: Path) -> bool:
    try:
        return bool(run(["blkid", "-p", "-s", "TYPE", "-o", "value", str(device)]).strip())
    except CommandFailed as failed:
        if failed.exit_code == _BLKID_KNOWS_NOTHING:
            return False
        raise


def _mounted() -> Iterator[tuple[str, str]]:
    """Source and place of each mount, the newest last."""
    for line in _MOUNTS.read_text().splitlines():
        source, place = line.split()[:2]
        yield _plain(source), _plain(place)


def _plain(text: str) -> str:
    r"""A path of /proc/mounts, where a blank is written \040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
