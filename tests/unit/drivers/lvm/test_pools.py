"""What a volume group and its thin pool say of their room."""

from lapilli.drivers.lvm.pools import thick_report, thin_report
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.machine.lvm.reports import LogicalVolume, VolumeGroup
from lapilli.model.values import GIB

GROUP = VolumeGroup(uuid="gY2T4c", size_bytes=40 * GIB, free_bytes=10 * GIB, extent_bytes=4 * 1024**2)


def pool(data_percent: float, metadata_percent: float = 10.0) -> LogicalVolume:
    return LogicalVolume(
        name="storage-pool",
        uuid="x",
        size_bytes=20 * GIB,
        origin=None,
        pool=None,
        layout=frozenset({"thin", "pool"}),
        roles=frozenset({"private"}),
        tags=frozenset(),
        health="",
        data_percent=data_percent,
        metadata_percent=metadata_percent,
        is_active=True,
        is_open=True,
        is_suspended=False,
        is_overflown=False,
    )


def test_thick_room_is_the_groups() -> None:
    """The account is the group's; a thin pool's space is not for thick volumes, and mirrors halve it."""
    settings = LvmSettings(volume_group="storage")
    alone = thick_report("here", GROUP, {}, settings)
    assert (alone.name, alone.account, alone.total_gib, alone.free_gib) == ("here", "gY2T4c", 40, 10)
    assert (alone.thin, alone.thick, alone.capabilities["snapshots_take_space"]) == (False, True, True)
    beside = thick_report("here", GROUP, {"storage-pool": pool(50)}, settings)
    assert (beside.total_gib, beside.free_gib) == (20, 10)
    mirrored = thick_report("here", GROUP, {}, LvmSettings(volume_group="storage", lvm_mirrors=1))
    assert (mirrored.total_gib, mirrored.free_gib) == (20, 5)


def test_thin_room_is_the_pools() -> None:
    """Two backends of one pool have one account, another than the group's; the percentages are facts."""
    report = thin_report("here", GROUP, pool(25, 12.5), LvmSettings(volume_group="storage"))
    other = thin_report("there", GROUP, pool(25, 12.5), LvmSettings(volume_group="storage"))
    assert report.account == other.account != "gY2T4c"
    assert (report.total_gib, report.free_gib) == (20, 15)
    assert (report.thin, report.thick) == (True, False)
    assert report.capabilities["thin_pool_data_percent"] == 25
    assert report.capabilities["thin_pool_metadata_percent"] == 12.5
    assert report.capabilities["location_info"].endswith(":storage:thin:0")
    assert report.capabilities["max_over_subscription_ratio"] == "20.0"
