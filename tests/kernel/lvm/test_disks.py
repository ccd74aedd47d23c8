"""LVM reads the disks of its volume group, and no volume: neither one that is attached here, nor what is inside it."""

import os
import struct
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import rtslib_fb

from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB
from tests.kernel.lvm_lab import driver_of, forget, thick, volumes, write
from tests.kernel.machine import Initiator, forget_targets, run, wait_for

PORTAL = "127.0.0.1:3260"
NVMET = Path("/sys/kernel/config/nvmet")
Attached = Callable[[str], AbstractContextManager[str]]


@contextmanager
def over_iscsi(device: str) -> Iterator[str]:
    """The device as a volume that LIO exports, and that is attached to this very machine; its disk."""
    name = f"volume-{uuid.uuid4()}"
    target = f"iqn.2010-10.org.openstack:{name}"
    with Initiator.started() as initiator:
        tpg = rtslib_fb.TPG(rtslib_fb.Target(rtslib_fb.FabricModule("iscsi"), target), 1)
        rtslib_fb.LUN(tpg, 0, rtslib_fb.BlockStorageObject(name, dev=device))
        access = rtslib_fb.NodeACL(tpg, Initiator.name)
        access.chap_userid, access.chap_password = "alice", "secretsecret"
        rtslib_fb.MappedLUN(access, 0, 0)
        rtslib_fb.NetworkPortal(tpg, *PORTAL.split(":"))
        tpg.set_attribute("authentication", "1")
        tpg.enable = True
        try:
            yield initiator.log_in(target, PORTAL, "alice", "secretsecret")
        finally:
            run("udevadm", "settle")
            initiator.log_out(target, PORTAL)
            forget_targets()


@contextmanager
def over_nvme(device: str) -> Iterator[str]:
    """The device as a volume that nvmet exports, and that is attached to this very machine; its disk."""
    name = f"nqn.2010-10.org.openstack:volume-{uuid.uuid4()}"
    subsystem, port = NVMET / "subsystems" / name, NVMET / "ports/77"
    namespace = subsystem / "namespaces/1"
    for folder in (subsystem, namespace, port):
        folder.mkdir()
    (subsystem / "attr_allow_any_host").write_text("1")
    (namespace / "device_path").write_text(device)
    (namespace / "enable").write_text("1")
    for key, value in {"trtype": "tcp", "adrfam": "ipv4", "traddr": "127.0.0.1", "trsvcid": "4477"}.items():
        (port / f"addr_{key}").write_text(value)
    (port / "subsystems" / name).symlink_to(subsystem)
    run("nvme", "connect", "-t", "tcp", "-a", "127.0.0.1", "-s", "4477", "-n", name)
    try:
        yield wait_for(lambda: next((str(path) for path in Path("/dev").glob("nvme?n1")), None))
    finally:
        run("udevadm", "settle")
        run("nvme", "disconnect", "-n", name)
        (port / "subsystems" / name).unlink()
        for folder in (port, namespace, subsystem):
            folder.rmdir()


@contextmanager
def partition(disk: str) -> Iterator[str]:
    """The one partition of the disk."""
    entry = struct.pack("<B3xB3xII", 0, 0x8E, 2048, GIB // 512 - 2048)
    write(disk, 446, entry + bytes(48) + b"\x55\xaa")
    run("blockdev", "--rereadpt", disk)
    yield wait_for(lambda: next((str(path) for path in Path("/dev").glob(f"{Path(disk).name}1")), None))


@contextmanager
def encrypted(disk: str) -> Iterator[str]:
    """What is in the disk for who has the key."""
    key = Path("/run/key")
    key.write_bytes(bytes(32))
    run(
        "cryptsetup",
        "open",
        "--type",
        "plain",
        "--key-file",
        str(key),
        "-c",
        "aes-xts-plain64",
        "-s",
        "256",
        disk,
        "in",
    )
    yield "/dev/mapper/in"
    run("udevadm", "settle")
    run("cryptsetup", "close", "in")


@contextmanager
def looped(device: str) -> Iterator[str]:
    """A loop device over a volume of this machine, as for looking into it."""
    loop = run("losetup", "--find", "--show", device).strip()
    yield loop
    run("udevadm", "settle")
    run("losetup", "--detach", loop)


@contextmanager
def itself(device: str) -> Iterator[str]:
    yield device


WAYS = [(over_iscsi, itself), (over_iscsi, partition), (over_iscsi, encrypted), (over_nvme, itself), (itself, looped)]


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0].__name__}-{way[1].__name__}")
def inside(request: pytest.FixtureRequest, group: str) -> Iterator[str]:
    """A device with what a guest has written into its volume `volume-a`, which is attached to this machine."""
    attached, opened = request.param
    thick(group).create_volume("volume-a", 1, "here")
    with attached(f"/dev/{group}/volume-a") as disk, opened(disk) as device:
        yield device


def in_guest(device: str, *words: str) -> None:
    """Run one of LVM's programs where there is no other disk, as a guest does."""
    nodes = 'cp -a "$0" /dev/mapper /dev/null /dev/urandom /mnt'
    own = f'mount -t tmpfs none /mnt && {nodes} && mount --move /mnt /dev && exec "$@"'
    config = "devices { obtain_device_list_from_udev=0 use_devicesfile=0 scan_lvs=1 }"
    where = str(Path(device).resolve())
    new = [where] if words[0] == "vgcreate" else []
    run("unshare", "--mount", "sh", "-c", own, where, *words, "--config", config, *new)


def only(device: str) -> tuple[str, str]:
    """What makes LVM see this device alone."""
    return "--config", f'devices {{ use_devicesfile=0 hints="none" filter=["a|^{device}$|", "r|.*|"] }}'


def done(disk: str) -> str:
    """How much was read from the disk, and written to it."""
    return Path(f"/sys/class/block/{Path(disk).resolve().name}/stat").read_text()


@contextmanager
def foreign(device: str, name: str) -> Iterator[None]:
    """A volume group of this name, made by a guest in its volume."""
    in_guest(device, "vgcreate", "--yes", name)
    run("udevadm", "settle")
    try:
        yield
    finally:
        in_guest(device, "vgremove", name)


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
    image = sparse(tmp_path / "image", 4)
    first = run("losetup", "--find", "--show", image).strip()
    run("vgcreate", "wandering", first)
    driver = thick("wandering")
    driver.create_volume("volume-a", 1, "here")
    run("vgchange", "--activate", "n", "wandering")
    run("udevadm", "settle")
    run("losetup", "--detach", first)
    strange = sparse(tmp_path / "strange", 4)
    run("losetup", first, strange)
    with pytest.raises(BackendFailed, match="no volume group wandering"):
        driver.report()
    run("vgcreate", "wandering", first)
    with pytest.raises(BackendFailed, match="another one than before"):
        driver.report()
    second = run("losetup", "--find", "--show", image).strip()
    assert set(volumes("wandering")) == {"volume-a"}
    forget("wandering")
    with pytest.raises(BackendFailed, match="several volume groups wandering"):
        thick("wandering")
    for disk in (first, second):
        run("vgremove", "--force", "--yes", *only(disk), "wandering")
        run("pvremove", *only(disk), disk)
        run("losetup", "--detach", disk)


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
