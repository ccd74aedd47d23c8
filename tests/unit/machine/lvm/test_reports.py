"""What LVM's reports say is read as it is meant. The rows are those that LVM 2.03.16 printed."""

from typing import Any

import pytest

from lapilli.machine.lvm.reports import LogicalVolume, group_of, volume_of
from lapilli.model.errors import BackendFailed

PLAIN = {
    "lv_name": "volume-a",
    "lv_uuid": "BHr0sh-repr-rfKZ-n1EK-Qzcf-k08k-qXBs3U",
    "lv_size": "1073741824",
    "lv_layout": "linear",
    "lv_role": "public",
    "lv_tags": "lapilli",
    "lv_active": "active",
    "lv_device_open": "",
    "lv_suspended": "",
    "lv_health_status": "",
    "lv_snapshot_invalid": "unknown",
    "origin": "",
    "origin_size": "",
    "pool_lv": "",
    "data_percent": "",
    "metadata_percent": "",
}
COW = {
    "lv_name": "_snapshot-a",
    "lv_size": "1082130432",
    "lv_role": "public,snapshot,thicksnapshot",
    "lv_snapshot_invalid": "",
    "origin": "volume-a",
    "origin_size": "1073741824",
    "data_percent": "1.95",
}
THIN = {"lv_layout": "thin,sparse", "pool_lv": "storage-pool", "data_percent": "0.02", "lv_device_open": "open"}
POOL = {
    "lv_name": "storage-pool",
    "lv_layout": "thin,pool",
    "lv_role": "private",
    "data_percent": "12.50",
    "metadata_percent": "10.47",
    "lv_health_status": "metadata_read_only",
}


def volume(**fields: str) -> LogicalVolume:
    return volume_of({**PLAIN, **fields})


def test_a_thick_volume() -> None:
    """It has its own size, no pool and no origin."""
    found = volume()
    assert (found.name, found.size_bytes, found.origin, found.pool) == ("volume-a", 2**30, None, None)
    assert found.is_active
    assert found.is_made_here
    assert not any((found.is_thin, found.is_cow, found.is_pool, found.is_internal, found.is_open, found.is_half))
    assert volume(lv_tags="lapilli,lapilli.half").is_half
    assert not volume(lv_tags="").is_made_here


def test_a_copy_on_write_snapshot() -> None:
    """Its size is its origin's at that time, not that of its own room."""
    found = volume(**COW)
    assert (found.size_bytes, found.origin, found.data_percent) == (2**30, "volume-a", 1.95)
    assert found.is_cow
    assert not found.is_overflown
    assert volume(**{**COW, "lv_snapshot_invalid": "snapshot invalid"}).is_overflown


def test_thin_volumes_and_their_pool() -> None:
    """A thin volume names its pool; the pool itself is internal, and tells how full it is."""
    found = volume(**THIN)
    assert found.is_thin
    assert found.is_open
    assert found.pool == "storage-pool"
    pool = volume(**POOL)
    assert pool.is_pool
    assert pool.is_internal
    assert not pool.is_thin
    assert (pool.data_percent, pool.metadata_percent, pool.health) == (12.5, 10.47, "metadata_read_only")


def test_what_is_not_as_it_should_be() -> None:
    """Inactive and suspended volumes are told as such."""
    assert not volume(lv_active="").is_active
    assert volume(lv_suspended="suspended").is_suspended


def test_a_group() -> None:
    """Sizes are bytes."""
    row = {"vg_uuid": "gY2T4c", "vg_size": "4290772992", "vg_free": "4194304", "vg_extent_size": "4194304"}
    found = group_of(row)
    assert (found.uuid, found.size_bytes, found.free_bytes, found.extent_bytes) == (
        "gY2T4c",
        4290772992,
        4194304,
        4194304,
    )


@pytest.mark.parametrize("change", [{"lv_size": "1.00g"}, {"lv_size": ""}, {"data_percent": "full"}])
def test_other_reports_are_told(change: dict[str, Any]) -> None:
    """A report that is not what was asked for is the storage's fault, and shown."""
    with pytest.raises(BackendFailed, match="volume-a"):
        volume(**change)
    with pytest.raises(BackendFailed, match="vgs"):
        group_of({"vg_uuid": "x"})
