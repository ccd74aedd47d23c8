"""The guest itself: what the tests beside this one take for granted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import rtslib_fb

from tests.kernel.machine import Failed, Initiator, lvs, run, wait_for

MIB = 2**20
TARGET = "iqn.2010-10.org.openstack:volume-1"
NQN = "nqn.2014-08.org.nvmexpress:volume-1"
NVMET = Path("/sys/kernel/config/nvmet")


def write(device: str, offset_bytes: int, data: bytes) -> None:
    with Path(device).open("r+b", buffering=0) as file:
        file.seek(offset_bytes)
        file.write(data)
        os.fsync(file.fileno())


def read(device: str, offset_bytes: int, length_bytes: int) -> bytes:
    """What is there, past this kernel's cache of the device."""
    with Path(device).open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(offset_bytes)
        return file.read(length_bytes)


@contextmanager
def exported(device: str, portals: list[str]) -> Iterator[None]:
    """The device as LUN 0 of a target of LIO, for this initiator with this password."""
    backstore = rtslib_fb.BlockStorageObject("volume-1", dev=device)
    target = rtslib_fb.Target(rtslib_fb.FabricModule("iscsi"), TARGET)
    group = rtslib_fb.TPG(target, 1)
    group.set_attribute("authentication", "1")
    rtslib_fb.LUN(group, 0, backstore)
    for portal in portals:
        rtslib_fb.NetworkPortal(group, *portal.split(":"))
    access = rtslib_fb.NodeACL(group, Initiator.name)
    access.chap_userid, access.chap_password = "alice", "secretsecret"
    rtslib_fb.MappedLUN(access, 0, 0)
    group.enable = True
    try:
        yield
    finally:
        target.delete()
        backstore.delete()


@contextmanager
def subsystem(device: str, host: str, key: str) -> Iterator[None]:
    """The device as namespace 1 of a subsystem of nvmet, on 127.0.0.1:4420, for this host with this key."""
    allowed, volume, port = NVMET / "hosts" / host, NVMET / "subsystems" / NQN, NVMET / "ports/1"
    namespace = volume / "namespaces/1"
    for folder in (allowed, volume, namespace, port):
        folder.mkdir()
    (allowed / "dhchap_key").write_text(key)
    (volume / "allowed_hosts" / host).symlink_to(allowed)
    (namespace / "device_path").write_text(device)
    (namespace / "enable").write_text("1")
    address = {"trtype": "tcp", "adrfam": "ipv4", "traddr": "127.0.0.1", "trsvcid": "4420"}
    for name, value in address.items():
        (port / f"addr_{name}").write_text(value)
    (port / "subsystems" / NQN).symlink_to(volume)
    try:
        yield
    finally:
        (port / "subsystems" / NQN).unlink()
        (volume / "allowed_hosts" / host).unlink()
        for folder in (port, namespace, volume, allowed):
            folder.rmdir()


def test_a_thick_volume_grows_and_its_snapshot_keeps_what_was(group: str) -> None:
    run("lvcreate", "--yes", "--size", "64m", "--name", "thick", group)
    write(f"/dev/{group}/thick", 0, b"before")
    run("lvcreate", "--yes", "--snapshot", "--size", "64m", "--name", "kept", f"{group}/thick")
    write(f"/dev/{group}/thick", 0, b"after.")
    assert read(f"/dev/{group}/kept", 0, 6) == b"before"
    run("lvconvert", "--yes", "--merge", f"{group}/kept")
    assert wait_for(lambda: list(lvs(group)) == ["thick"])
    assert read(f"/dev/{group}/thick", 0, 6) == b"before"
    run("lvextend", "--size", "128m", f"{group}/thick")
    assert lvs(group)["thick"]["lv_size"] == str(128 * MIB)


def test_a_thin_volume_takes_no_more_than_is_written(group: str) -> None:
    run("lvcreate", "--yes", "--size", "100m", "--thinpool", "pool", group)
    run("lvcreate", "--yes", "--virtualsize", "1g", "--thinpool", "pool", "--name", "thin", group)
    write(f"/dev/{group}/thin", 512 * MIB, b"x" * 10 * MIB)
    run("lvcreate", "--yes", "--snapshot", "--setactivationskip", "n", "--name", "kept", f"{group}/thin")
    write(f"/dev/{group}/thin", 512 * MIB, b"y" * MIB)
    assert read(f"/dev/{group}/kept", 512 * MIB, 10 * MIB) == b"x" * 10 * MIB
    assert float(lvs(group)["pool"]["data_percent"]) == 11.0


def test_lio_lets_in_who_knows_the_password(group: str, initiator: Initiator) -> None:
    run("lvcreate", "--yes", "--size", "64m", "--name", "volume-1", group)
    with exported(f"/dev/{group}/volume-1", ["127.0.0.1:3260"]):
        with pytest.raises(Failed, match="authorization failure"):
            initiator.log_in(TARGET, "127.0.0.1:3260", "alice", "wrongwrongwrong")
        device = initiator.log_in(TARGET, "127.0.0.1:3260", "alice", "secretsecret")
        write(device, 4096, b"by the initiator")
        run("lvextend", "--size", "128m", f"{group}/volume-1")
        run("iscsiadm", "-m", "session", "-R")
        assert wait_for(lambda: run("blockdev", "--getsize64", device).strip() == str(128 * MIB))
        initiator.log_out(TARGET, "127.0.0.1:3260")
    assert read(f"/dev/{group}/volume-1", 4096, 16) == b"by the initiator"


def test_multipath_goes_on_without_one_of_two_paths(group: str, initiator: Initiator) -> None:
    portals = ["127.0.0.1:3260", "127.0.0.2:3260"]
    run("lvcreate", "--yes", "--size", "64m", "--name", "volume-1", group)
    with exported(f"/dev/{group}/volume-1", portals), multipath():
        paths = [initiator.log_in(TARGET, portal, "alice", "secretsecret") for portal in portals]
        name = wait_for(lambda: whole_map(paths))
        write(f"/dev/mapper/{name}", 0, b"both")
        Path(f"/sys/block/{Path(paths[0]).name}/device/state").write_text("offline\n")
        write(f"/dev/mapper/{name}", 4, b"one")
        assert wait_for(lambda: "failed" in run("multipathd", "show", "paths", "format", "%d %t"))
        run("udevadm", "settle")  # it looks into the map when that changes, and is a user like others
        run("multipath", "-f", name)
        for portal in portals:
            initiator.log_out(TARGET, portal)
    assert read(f"/dev/{group}/volume-1", 0, 7) == b"bothone"


@contextmanager
def multipath() -> Iterator[None]:
    """With multipathd running, which takes every device that has two paths."""
    Path("/etc/multipath.conf").write_text("defaults {\n find_multipaths no\n}\nblacklist {\n devnode ubd\n}\n")
    run("multipathd")
    try:
        wait_for(lambda: "pid" in run("multipathd", "show", "daemon"))
        yield
    finally:
        run("multipathd", "shutdown")


def whole_map(paths: list[str]) -> str | None:
    """The name of the map that has these paths."""
    holders = [list(Path(f"/sys/block/{Path(path).name}/holders").iterdir()) for path in paths]
    if not all(holders):
        return None
    assert holders[0][0].name == holders[1][0].name
    return (holders[0][0] / "dm/name").read_text().strip()


def test_nvmet_lets_in_who_knows_the_key(group: str) -> None:
    run("lvcreate", "--yes", "--size", "64m", "--name", "volume-1", group)
    host = Path("/etc/nvme/hostnqn").read_text().strip()
    key, wrong = (run("nvme", "gen-dhchap-key", "--nqn", host).strip() for _ in range(2))
    connect = ["nvme", "connect", "-t", "tcp", "-a", "127.0.0.1", "-s", "4420", "-n", NQN]
    with subsystem(f"/dev/{group}/volume-1", host, key):
        with pytest.raises(Failed):
            run(*connect, "--dhchap-secret", wrong)
        run(*connect, "--dhchap-secret", key)
        try:
            device = wait_for(lambda: next((str(path) for path in Path("/dev").glob("nvme?n1")), None))
            write(device, 0, b"over TCP")
        finally:
            with suppress(Failed):
                run("nvme", "disconnect", "-n", NQN)
    assert read(f"/dev/{group}/volume-1", 0, 8) == b"over TCP"
