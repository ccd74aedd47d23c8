"""LVM reads the disks of its volume group, and no volume: neither one that is attached here, nor what is inside it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB
from tests.kernel.lvm.attached import encrypted, foreign, itself, looped, over_iscsi, over_nvme, partition
from tests.kernel.lvm_lab import driver_of, forget, thick, volumes
from tests.kernel.machine import forget_targets, run

WAYS = [(over_iscsi, itself), (over_iscsi, partition), (over_iscsi, encrypted), (over_nvme, itself), (itself, looped)]


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0].__name__}-{way[1].__name__}")
def inside(request: pytest.FixtureRequest, group: str) -> Iterator[str]:
    """A device with what a guest has written into its volume `volume-a`, which is attached to this machine."""
    attached, opened = request.param
    thick(group).create_volume("volume-a", 1, "here")
    with attached(f"/dev/{group}/volume-a") as disk, opened(disk) as device:
        yield device


def only(device: str) -> tuple[str, str]:
    """What makes LVM see this device alone."""
    return "--config", f'devices {{ use_devicesfile=0 hints="none" filter=["a|^{device}$|", "r|.*|"] }}'


def done(disk: str) -> str:
    """How much was read from the disk, and written to it."""
    return Path(f"/sys/class/block/{Path(disk).resolve().name}/stat").read_text()


def test_a_guest_cannot_give_us_a_group(group: str, inside: str) -> None:
    """One of our name in a volume is not read: neither where ours is there, nor where it is missing."""
    with foreign(inside, group):
        forget(group)
        before = done(inside)
        thick(group).create_volume("volume-b", 1, "here")
        assert set(volumes(group)) == {"volume-a", "volume-b"}
        assert done(inside) == before
    with foreign(inside, "missing"):
        before = done(inside)
        with pytest.raises(BackendFailed, match="no volume group missing"):
            driver_of("missing").check()
        assert done(inside) == before


def test_a_guest_cannot_give_us_a_group_where_lvm_may_see_it(group: str, tmp_path: Path) -> None:
    """Where the operator's own filter lets LVM read everything, what lies in volumes is known and left alone."""
    conf_file = tmp_path / "lvm.conf"
    conf_file.write_text('devices { filter = [ "a|.*|" ] }\n')
    thick(group).create_volume("volume-a", 1, "here")
    with over_iscsi(f"/dev/{group}/volume-a") as disk:
        with foreign(disk, group):
            driver_of(group, lvm_type="default", lvm_conf_file=str(conf_file)).create_volume("volume-b", 1, "here")
            assert set(volumes(group)) == {"volume-a", "volume-b"}
        with foreign(disk, "missing"), pytest.raises(BackendFailed, match="inside a volume that is attached"):
            driver_of("missing", lvm_conf_file=str(conf_file)).check()


def test_a_target_that_has_gone_keeps_nobody_waiting(group: str) -> None:
    """Neither the first command of a process nor a later one reads a volume that is attached here."""
    thick(group).create_volume("volume-a", 1, "here")
    with over_iscsi(f"/dev/{group}/volume-a") as disk:
        run("udevadm", "settle")
        forget_targets()
        forget(group)
        before = done(disk)
        thick(group).create_volume("volume-b", 1, "here")
        assert set(volumes(group)) == {"volume-a", "volume-b"}
        assert done(disk) == before


def test_a_disk_is_added(group: str, tmp_path: Path) -> None:
    """What somebody does to the group while we run is noticed: a disk more, and one less."""
    driver = driver_of(group, lvm_type="default", volume_clear="none")
    driver.create_volume("volume-a", 12, "here")
    with pytest.raises(BackendFailed, match="extents are needed"):
        driver.create_volume("volume-b", 12, "here")
    with looped(sparse(tmp_path / "third", 10)) as third:
        run("vgextend", "--yes", group, third)
        driver.create_volume("volume-b", 12, "here")
        driver.delete_volume("volume-b")
        (report,) = driver.report()
        assert report.total_gib > 29
        run("vgreduce", "--yes", group, third)
        assert driver.report()[0].total_gib < 21
        run("pvremove", third)
    assert set(volumes(group)) == {"volume-a"}


def test_a_disk_comes_back_under_another_name(tmp_path: Path) -> None:
    """The group is found again; and what has its disk's old name is not looked at."""
    with looped(sparse(tmp_path / "image", 4)) as image, looped(sparse(tmp_path / "strange", 4)) as strange:
        first = called("first", image)
        run("vgcreate", "wandering", first)
        driver = thick("wandering")
        driver.create_volume("volume-a", 1, "here")
        run("vgchange", "--activate", "n", "wandering")
        run("dmsetup", "remove", "--retry", "first")
        called("first", strange)
        with pytest.raises(BackendFailed, match="no volume group wandering"):
            driver.report()
        run("vgcreate", "wandering", first)
        with pytest.raises(BackendFailed, match="another one than before"):
            driver.report()
        second = called("second", image)
        assert set(volumes("wandering")) == {"volume-a"}
        forget("wandering")
        with pytest.raises(BackendFailed, match="several volume groups wandering"):
            thick("wandering")
        for disk in (first, second):
            run("vgremove", "--force", "--yes", *only(disk), "wandering")
            run("dmsetup", "remove", "--retry", disk)


def called(name: str, disk: str) -> str:
    """A device of this name, with the bytes of the disk behind its first MiB: LVM sees nothing on the disk itself."""
    sectors = int(Path(f"/sys/class/block/{Path(disk).name}/size").read_text()) - 2048
    run("dmsetup", "create", name, "--table", f"0 {sectors} linear {disk} 2048")
    return f"/dev/mapper/{name}"


def test_a_group_on_a_map(tmp_path: Path) -> None:
    """Such as a multipath or an encrypted disk, which has two names."""
    with looped(sparse(tmp_path / "disk", 4)) as disk, encrypted(disk) as device:
        run("vgcreate", "mapped", device)
        driver = driver_of("mapped", lvm_type="default", volume_clear="none")
        driver.check()
        driver.create_volume("volume-a", 1, "here")
        assert set(volumes("mapped")) == {"volume-a"}
        driver.delete_volume("volume-a")
        run("vgremove", "mapped")


def sparse(path: Path, size_gib: int) -> str:
    """A file of holes."""
    path.touch()
    os.truncate(path, size_gib * GIB)
    return str(path)


def test_a_devices_file_that_names_the_disks(group: str, tmp_path: Path) -> None:
    """It is obeyed: what it does not name is not used, which the message mends; what it names is."""
    conf_file = tmp_path / "lvm.conf"
    conf_file.write_text("devices { use_devicesfile = 1 }\n")
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "system.devices").touch()
    driver = driver_of(group, lvm_type="default", lvm_conf_file=str(conf_file))
    with pytest.raises(BackendFailed, match="devices file does not name them") as refused:
        driver.check()
    for remedy in str(refused.value).partition("`")[2].removesuffix("`").split("; "):
        run("env", f"LVM_SYSTEM_DIR={tmp_path}", "lvm", *remedy.split())
    driver.check()
    driver.create_volume("volume-a", 1, "here")
    assert set(volumes(group)) == {"volume-a"}
