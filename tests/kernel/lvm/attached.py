"""Volumes that are attached to the machine that serves them, and what a guest makes inside."""

import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rtslib_fb

from lapilli.model.values import GIB
from tests.kernel.lvm_lab import write
from tests.kernel.machine import Initiator, forget_targets, run, wait_for

PORTAL = "127.0.0.1:3260"
NVMET = Path("/sys/kernel/config/nvmet")


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


def in_guest(device: str, *words: str) -> None:
    """Run one of LVM's programs where there is no other disk, as a guest does."""
    nodes = 'cp -a "$0" /dev/mapper /dev/null /dev/urandom /mnt'
    own = f'mount -t tmpfs none /mnt && {nodes} && mount --move /mnt /dev && exec "$@"'
    config = "devices { obtain_device_list_from_udev=0 use_devicesfile=0 scan_lvs=1 }"
    where = str(Path(device).resolve())
    new = [where] if words[0] == "vgcreate" else []
    run("unshare", "--mount", "sh", "-c", own, where, *words, "--config", config, *new)


@contextmanager
def foreign(device: str, name: str) -> Iterator[None]:
    """A volume group of this name, made by a guest in its volume."""
    in_guest(device, "vgcreate", "--yes", name)
    run("udevadm", "settle")
    try:
        yield
    finally:
        in_guest(device, "vgremove", name)
