"""What goes wrong with logical volumes is told, and put right where that is safe."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.machine.lvm import reports
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.values import GIB
from tests.conformance import drivers
from tests.kernel.lvm_lab import MIB, driver_of, make_lab, read, thick, thin, volumes, write
from tests.kernel.machine import run


def test_a_missing_group_is_told() -> None:
    """The sentence says how it is made."""
    with pytest.raises(BackendFailed, match="vgcreate nowhere DEVICE"):
        driver_of("nowhere").check()


def test_a_full_group_is_told(group: str) -> None:
    """What does not fit is refused by LVM with both numbers, and nothing of it stays."""
    driver = thick(group)
    driver.create_volume("volume-a", 12, "here")
    with pytest.raises(BackendFailed, match=r"\d+ extents are needed, and \d+ are free"):
        driver.create_volume("volume-b", 12, "here")
    with pytest.raises(BackendFailed, match="extents are needed"):
        driver.create_snapshot("snapshot-a", "volume-a")
    with pytest.raises(BackendFailed, match="extents are needed"):
        driver.extend_volume("volume-a", 40)
    assert set(volumes(group)) == {"volume-a"}


def test_odd_extents_are_refused(tmp_path: Path) -> None:
    """Where a GiB is not made of whole extents, a volume would be larger than asked for; the message says a way out."""
    disk = tmp_path / "disk"
    disk.touch()
    os.truncate(disk, 4 * GIB)
    device = run("losetup", "--find", "--show", str(disk)).strip()
    run("vgcreate", "--physicalextentsize", "12m", "odd", device)
    with pytest.raises(BackendFailed) as refused:
        driver_of("odd").check()
    (remedy,) = re.findall(r"`(vgchange [^`]*)`", str(refused.value))
    run(*remedy.split())
    driver_of("odd", lvm_type="default").check()
    run("vgremove", "--yes", "odd")
    run("losetup", "--detach", device)


def test_what_is_in_use_stays(group: str) -> None:
    """An open volume is not deleted, reverted or taken over, whoever has it open; and works as before."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    driver.create_snapshot("snapshot-a", "volume-a")
    with Path(driver.path("volume-a")).open("r+b"):
        with pytest.raises(BackendFailed, match="in use"):
            driver.revert_to_snapshot("volume-a", "snapshot-a")
        with pytest.raises(BackendFailed, match="while nobody uses it: detach it, or delete snapshot-a"):
            driver.extend_volume("volume-a", 2)
        driver.delete_snapshot("snapshot-a", "volume-a")
        driver.extend_volume("volume-a", 2)
        with pytest.raises(BackendFailed, match="in use"):
            driver.delete_volume("volume-a")
        with pytest.raises(Malformed, match="in use"):
            driver.adopt("volume-b", "volume-a", 2)
    assert volumes(group)["volume-a"].size_bytes == 2 * GIB
    driver.delete_volume("volume-a")
    assert volumes(group) == {}


def test_snapshots_do_not_go_with_their_volume(group: str) -> None:
    """LVM would remove both; the driver names the snapshots, and refuses. Nor is such a volume taken over."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    driver.create_snapshot("snapshot-a", "volume-a")
    with pytest.raises(BackendFailed, match="snapshot-a"):
        driver.delete_volume("volume-a")
    with pytest.raises(Malformed, match="snapshot-a"):
        driver.adopt("volume-b", "volume-a", 1)
    assert set(volumes(group)) == {"volume-a", "snapshot-a"}


def test_pools_are_not_taken_over(group: str) -> None:
    """Neither the pool nor what LVM hides is among what can be managed."""
    driver = thin(group)
    assert list(driver.existing()) == []
    with pytest.raises(Malformed, match="part of other volumes"):
        driver.adopt("volume-a", f"{group}-pool", 1)
    with pytest.raises(Malformed):
        driver.adopt("volume-a", f"{group}-pool_tdata", 1)


def test_an_overflown_snapshot_is_told(group: str) -> None:
    """A snapshot of others with too little room is lost, which is said; it can still be deleted."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    run("lvcreate", "--yes", "--snapshot", "--size", "8m", "--name", "_snapshot-a", f"{group}/volume-a")
    write(driver.path("volume-a"), 0, os.urandom(16 * MIB))
    with pytest.raises(BackendFailed, match="Snapshot snapshot-a is lost"):
        driver.create_volume_from_snapshot("volume-b", 1, "snapshot-a", "volume-a", "here")
    driver.delete_snapshot("snapshot-a", "volume-a")
    assert set(volumes(group)) == {"volume-a"}


def test_what_was_suspended_goes_on(group: str) -> None:
    """A program of LVM's that was killed may leave a volume suspended; whatever is done next ends that."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    run("dmsetup", "suspend", f"{group}-volume--a")
    driver.existing()
    assert "ACTIVE" in run("dmsetup", "info", f"{group}-volume--a")
    assert not volumes(group)["volume-a"].is_suspended


def test_commands_that_are_killed_leave_nothing_suspended(group: str) -> None:
    """A process that dies at some moment of a snapshot leaves the volume usable, and the next one finishes."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    for number in range(12):
        child = os.fork()
        if child == 0:
            try:
                driver.create_snapshot("snapshot-a", "volume-a")
            finally:
                os._exit(0)
        time.sleep(number * 0.06)  # wherever that is: every moment has to be good
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        write(driver.path("volume-a"), 0, b"alive")
        driver.create_snapshot("snapshot-a", "volume-a")
        found = reports.read_volumes(group)
        assert found["_snapshot-a"].is_cow
        assert set(found) == {"volume-a", "_snapshot-a"}
        driver.delete_snapshot("snapshot-a", "volume-a")
    assert set(volumes(group)) == {"volume-a"}


class ForgetsHalves(LvmDriver):
    """Takes what was half copied for complete: the tag is not looked at."""

    def create_volume_from_volume(self, name: str, size_gib: int, source: str, pool: str) -> None:
        if name not in volumes(self._group.name):
            super().create_volume_from_volume(name, size_gib, source, pool)


class TrustsNames(LvmDriver):
    """Says a path for any name."""

    def path(self, name: str) -> str:
        return f"/dev/{self._group.name}/{name}"


class SharesBytes(LvmDriver):
    """Grows a snapshot's origin instead of copying it."""

    def create_volume_from_volume(self, name: str, size_gib: int, source: str, pool: str) -> None:
        if name not in volumes(self._group.name):
            self.create_volume(name, size_gib, pool)


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (TrustsNames, drivers.strange_names_are_refused),
        (SharesBytes, drivers.volumes_grow_out_of_snapshots_and_volumes),
    ],
)
def test_the_suite_notices_a_broken_driver(kind: type[LvmDriver], check: drivers.Check, group: str) -> None:
    """Each wrong driver fails the check that is there for its fault."""
    with pytest.raises((AssertionError, OSError, pytest.fail.Exception)):
        check(make_lab(group, kind, lvm_type="thin"))


def test_a_clone_that_is_not_complete_is_known(group: str) -> None:
    """A driver that does not look at the tag hands out half a copy; this one goes on with it."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    write(driver.path("volume-a"), GIB - 4096, b"whole")
    run("lvcreate", "--yes", "--size", "1g", "--addtag", "lapilli", "--addtag", "lapilli.half", "-n", "volume-b", group)
    ForgetsHalves(driver._settings, "here").create_volume_from_volume("volume-b", 1, "volume-a", "here")
    assert read(driver.path("volume-b"), GIB - 4096, 5) == bytes(5)
    driver.create_volume_from_volume("volume-b", 1, "volume-a", "here")
    assert read(driver.path("volume-b"), GIB - 4096, 5) == b"whole"
    assert not volumes(group)["volume-b"].is_half
    assert set(volumes(group)) == {"volume-a", "volume-b"}
