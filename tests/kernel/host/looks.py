"""What there is to see in the guest of a volume that is, or was, attached to it."""

from pathlib import Path

from lapilli.host import attached
from tests.kernel.host.service import Volume
from tests.kernel.machine import wait_for

_BLOCK = Path("/sys/class/block")


def maps() -> list[str]:
    """The multipath devices: dm-0 …"""
    return [each.name for each in _BLOCK.glob("dm-*") if is_map(each.name)]


def is_map(name: str) -> bool:
    uuid = _BLOCK / name / "dm" / "uuid"
    return uuid.exists() and uuid.read_text().startswith("mpath-")


def paths() -> list[str]:
    """The disks that came over iSCSI or NVMe."""
    return sorted(each.name for pattern in ("sd*", "nvme*n*") for each in _BLOCK.glob(pattern))


def sessions() -> list[str]:
    """The sessions and the controllers."""
    return [
        *(path.name for path in Path("/sys/class/iscsi_session").glob("session*")),
        *(path.name for path in Path("/sys/class/nvme-fabrics/ctl").glob("nvme*")),
    ]


def node_records() -> list[str]:
    return [str(path) for path in Path("/etc/iscsi/nodes").glob("*/*")]


def mounts() -> list[str]:
    """Where something that is a disk over iSCSI or NVMe, or was one, is mounted."""
    lines = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [
        place for source, place, *_ in lines if source.startswith(("/dev/sd", "/dev/nvme", "/dev/dm-", "/dev/mapper"))
    ]


def start_of(device: str) -> bytes:
    with Path(device).open("rb") as file:
        return file.read(512)


def assert_nothing_is_left(volume: Volume) -> None:
    """Neither with the service nor in the kernel, nor in the files of iscsid and of ours."""
    assert (volume.status, volume.attachments) == ("available", [])
    assert_nothing_is_here()


def assert_nothing_is_here() -> None:
    """On this machine."""
    assert (mounts(), sessions(), node_records(), attached.read_all()) == ([], [], [], [])
    wait_for(lambda: not paths() and not maps())
