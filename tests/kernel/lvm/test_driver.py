"""What is particular to logical volumes: their kinds, their room, and what a restart of the machine leaves."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.machine.lvm import reports
from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB
from tests.kernel.lvm_lab import MIB, driver_of, read, thick, thin, volumes, write
from tests.kernel.machine import run


def test_auto_is_thin_where_nothing_is(group: str) -> None:
    """An empty group gets its pool, which a second backend of the same group finds, and shares."""
    first, second = driver_of(group), driver_of(group)
    first.check()
    second.check()
    (one,), (other,) = first.report(), second.report()
    assert one.thin
    assert one.account == other.account
    first.create_volume("volume-a", 5, "here")
    assert reports.read_volumes(group)["volume-a"].pool == f"{group}-pool"


def test_auto_is_thick_beside_others(group: str) -> None:
    """Where somebody has a volume of his own, no pool takes the rest of the group."""
    run("lvcreate", "--yes", "--size", "64m", "--name", "others", group)
    driver = driver_of(group)
    driver.check()
    (report,) = driver.report()
    assert (report.thin, report.thick) == (False, True)
    assert set(volumes(group)) == {"others"}
    assert report.account == reports.read_group(group).uuid


def test_names_are_cinders(group: str) -> None:
    """What was made here can be found by Cinder, and the other way round."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    driver.create_snapshot("snapshot-a", "volume-a")
    assert set(reports.read_volumes(group)) == {"volume-a", "_snapshot-a"}
    assert driver.path("snapshot-a") == f"/dev/{group}/_snapshot-a"


def test_our_own_snapshots_have_room_for_everything(group: str) -> None:
    """A snapshot outlives its whole volume being overwritten."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    write(driver.path("volume-a"), 5 * MIB, b"old")
    driver.create_snapshot("snapshot-a", "volume-a")
    data = os.urandom(MIB)
    for offset in range(0, GIB, MIB):
        write(driver.path("volume-a"), offset, data)
    assert not reports.read_volumes(group)["_snapshot-a"].is_overflown
    assert read(driver.path("snapshot-a"), 5 * MIB, 3) == b"old"


@pytest.mark.parametrize("make", [thick, thin])
def test_devices_are_there_after_a_restart(group: str, make: Callable[[str], LvmDriver]) -> None:
    """What the kernel has forgotten is there again with its bytes, once the driver was started."""
    driver = make(group)
    driver.create_volume("volume-a", 1, "here")
    driver.create_snapshot("snapshot-a", "volume-a")
    write(driver.path("volume-a"), 0, b"kept")
    run("vgchange", "--activate", "n", group)
    assert not Path(driver.path("volume-a")).exists()
    make(group)
    assert read(driver.path("volume-a"), 0, 4) == b"kept"
    assert read(driver.path("snapshot-a"), 0, 4) == bytes(4)


def test_mirrors_are_on_disks_of_their_own(group: str) -> None:
    """A mirrored volume has its bytes twice; a third copy would need a third disk."""
    driver = driver_of(group, lvm_mirrors=1)
    driver.check()
    driver.create_volume("volume-a", 1, "here")
    run("udevadm", "settle")
    legs = run("lvs", "--all", "--noheadings", "-o", "devices", "--select", "lv_name=~rimage", group).split()
    assert len({leg.partition("(")[0] for leg in legs}) == 2
    write(driver.path("volume-a"), 0, b"twice")
    driver.extend_volume("volume-a", 2)
    assert read(driver.path("volume-a"), 0, 5) == b"twice"
    with pytest.raises(BackendFailed, match="a disk of its own"):
        driver_of(group, lvm_type="default", lvm_mirrors=2).create_volume("volume-b", 1, "here")
    driver.delete_volume("volume-a")
    with pytest.raises(BackendFailed, match="lvm_type to default"):
        driver_of(group, lvm_type="thin", lvm_mirrors=1).check()


def test_thick_and_thin_do_not_count_the_same_room(group: str) -> None:
    """Two backends of different kinds on one group have accounts, and sums, that do not overlap."""
    (pool,) = thin(group).report()
    (rest,) = thick(group).report()
    assert pool.account != rest.account
    size_gib = reports.read_group(group).size_bytes / GIB
    assert pool.total_gib + rest.total_gib <= size_gib
    thin(group).create_volume("volume-a", 1, "here")
    write(thin(group).path("volume-a"), 0, os.urandom(64 * MIB))
    (fuller,) = thin(group).report()
    assert pool.free_gib - fuller.free_gib >= 0.05
    assert fuller.capabilities["thin_pool_data_percent"] > pool.capabilities["thin_pool_data_percent"]


def test_volumes_are_not_searched_for_groups(group: str) -> None:
    """A group that a guest made inside its volume is none of ours."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    run("pvcreate", "--yes", "--config", "devices{scan_lvs=1}", driver.path("volume-a"))
    run("vgcreate", "--yes", "--config", "devices{scan_lvs=1}", "guests", driver.path("volume-a"))
    assert re.search("guests", run("vgs", "--config", "devices{scan_lvs=1}", "-o", "vg_name"))
    with pytest.raises(BackendFailed, match="no volume group guests"):
        driver_of("guests").check()
    driver.delete_volume("volume-a")
    assert volumes(group) == {}
