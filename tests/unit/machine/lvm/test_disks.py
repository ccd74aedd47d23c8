"""Which disks LVM may read, told from what sysfs says of them."""

from pathlib import Path

import pytest

from lapilli.machine.lvm import disks

VOLUME = "iqn.2010-10.org.openstack:volume-0c1c1c57-3ba2-4ac8-aae2-4f3a05d17b3b"
GROUPS = ("storage", "fast-disks")


class Sysfs:
    """A machine's block devices."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.block = root / "class/block"
        self.block.mkdir(parents=True)

    def disk(self, name: str, where: str = "pci0/ata1", size: int = 2048, **files: str) -> Path:
        """A device whose directory is below `devices`; each of `files` has a text, and `__` for a slash in its name."""
        directory = self.root / "devices" / where / "block" / name
        directory.mkdir(parents=True)
        (self.block / name).symlink_to(directory)
        for file, text in {"size": str(size), **files}.items():
            path = directory / file.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        return directory

    def session(self, number: int, target: str) -> str:
        """An iSCSI session with the target; where its disks are."""
        directory = self.root / f"class/iscsi_session/session{number}"
        directory.mkdir(parents=True)
        (directory / "targetname").write_text(target + "\n")
        return f"platform/host{number}/session{number}/target{number}:0:0/{number}:0:0:0"

    def over(self, name: str, *below: str, **files: str) -> None:
        """A map over other devices."""
        directory = self.disk(name, "virtual", **files)
        (directory / "slaves").mkdir()
        for each in below:
            (directory / "slaves" / each).symlink_to(self.block / each)


@pytest.fixture
def sysfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sysfs:
    monkeypatch.setattr(disks, "_BLOCK", tmp_path / "class/block")
    monkeypatch.setattr(disks, "_SESSIONS", tmp_path / "class/iscsi_session")
    return Sysfs(tmp_path)


def test_disks_and_what_is_made_of_them_are_read(sysfs: Sysfs) -> None:
    """Partitions, multipath and RAID as well; empty loop devices and logical volumes are not."""
    sysfs.disk("sda")
    sysfs.disk("sda1", "pci0/ata1/block/sda", partition="1")
    sysfs.disk("sdb", sysfs.session(1, "iqn.1992-08.com.example:array"))
    sysfs.disk(
        "nvme0n1", "pci1", device__subsysnqn="nqn.2014-08.org.nvmexpress:uuid:0c1c1c57-3ba2-4ac8-aae2-4f3a05d17b3b"
    )
    sysfs.disk("cciss!c0d0", "pci2")
    sysfs.disk("loop0", "virtual", size=0)
    sysfs.over("dm-0", "sdb", dm__uuid="mpath-1", dm__name="mpatha")
    sysfs.over("dm-1", "sda1", dm__uuid="LVM-x", dm__name="storage-volume")
    sysfs.over("dm-2", "dm-1", dm__uuid="CRYPT-x", dm__name="others-crypt")
    sysfs.over("dm-3", "sda1", dm__uuid="LVM-y", dm__name="root-nested")
    sysfs.over("drbd0", "dm-3")
    assert disks.readable(GROUPS) == [
        "/dev/cciss/c0d0",
        "/dev/dm-0",
        "/dev/drbd0",
        "/dev/nvme0n1",
        "/dev/sda",
        "/dev/sda1",
        "/dev/sdb",
        "/dev/mapper/mpatha",
    ]


def test_volumes_and_what_is_in_them_are_not_read(sysfs: Sysfs) -> None:
    """Over iSCSI and NVMe, in any depth; and what lies on a volume of this machine."""
    there = sysfs.session(7, VOLUME)
    sysfs.disk("sda", there)
    sysfs.disk("sda1", f"{there}/block/sda", partition="1")
    sysfs.disk("nvme1n1", "fabrics", device__subsysnqn=VOLUME.replace("iqn", "nqn").upper())
    sysfs.over("dm-0", "sda", dm__uuid="mpath-1", dm__name="mpatha")
    sysfs.over("dm-1", "dm-0", dm__uuid="part1-mpath-1", dm__name="mpatha-part1")
    sysfs.over("dm-2", "nvme1n1", dm__uuid="CRYPT-x", dm__name="crypt")
    sysfs.over("dm-3", dm__uuid="LVM-x", dm__name="fast--disks-volume--a")
    sysfs.over("dm-4", "dm-3", dm__uuid="part1-LVM-x", dm__name="fast--disks-volume--a1")
    assert disks.readable(GROUPS) == []


def test_a_disk_is_told_from_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its directory in sysfs, and by the number of what is in it."""
    monkeypatch.setattr(disks, "_NUMBERS", tmp_path)
    node, directory = tmp_path / "node", tmp_path / "0:0"
    node.touch()
    assert disks.identity(str(node)) == disks.identity(str(tmp_path / "nowhere")) == ""
    directory.mkdir()
    seen = {disks.identity(str(node))}
    (directory / "diskseq").write_text("7\n")
    seen.add(disks.identity(str(node)))
    directory.rename(tmp_path / "old")
    directory.mkdir()
    (directory / "diskseq").write_text("7\n")
    seen.add(disks.identity(str(node)))
    assert len(seen) == 3
    assert "" not in seen
