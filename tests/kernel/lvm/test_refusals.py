"""What LVM refuses to delete is told to its user and to the operator, and is deleted when it is asked for again."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lapilli.db import migrate
from lapilli.db.engine import Database
from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.drivers.lvm.settings import LvmSettings
from lapilli.model.messages import words
from lapilli.operations import delete_snapshot, delete_volume, report_pools
from tests.kernel.lvm_lab import volumes
from tests.unit.operations.lab import TENANT, Lab


@pytest.fixture
def lab(group: str, tmp_path: Path) -> Iterator[Lab]:
    """The services, of whose backends the first has thick logical volumes."""
    url = f"sqlite:///{tmp_path / 'lapilli.sqlite'}"
    migrate.upgrade(url)
    with closing(Database(url)) as db:
        lab = Lab(db, tmp_path)
        lab.first.driver.plugin = LvmDriver(LvmSettings(volume_group=group, lvm_type="default"), lab.first.name)
        lab.first.desk.driver.check()
        assert report_pools.run(lab.first.desk, {}) is None
        yield lab


def test_open_volume(lab: Lab, group: str) -> None:
    """While somebody has it open it stays, in error; its user is told what to do, and nothing of this machine."""
    volume_id = lab.create()
    device = Path(lab.first.driver.path(f"volume-{volume_id}"))
    with device.open("rb"):
        lab.ask(delete_volume.admit, TENANT, volume_id)
        lab.work()
    assert (lab.status(volume_id), lab.allocated(lab.first)) == ("error_deleting", (1, 1))
    assert "in use" in str(lab.operation(volume_id).error)
    (told,) = lab.complaints(volume_id)
    said = words(told.action_id, told.detail_id)
    assert "See that nothing uses it, delete it again" in said
    assert f"{group}/" not in said
    lab.ask(delete_volume.admit, TENANT, volume_id)
    lab.work()
    assert (lab.status(volume_id), lab.allocated(lab.first), volumes(group)) == ("gone", (0, 0), {})


def test_open_snapshot(lab: Lab, group: str) -> None:
    """As a volume; the volume that it is of is not touched by that."""
    volume_id = lab.create()
    snapshot_id = lab.snapshot(volume_id)
    device = Path(lab.first.driver.path(f"snapshot-{snapshot_id}"))
    with device.open("rb"):
        lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
        lab.work()
    assert (lab.status(snapshot_id), lab.status(volume_id)) == ("error_deleting", "available")
    assert "in use" in str(lab.operation(snapshot_id).error)
    assert [row.event_id for row in lab.complaints(snapshot_id)] == ["VOLUME_VOLUME_SNAPSHOT_010_016"]
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.work()
    assert (lab.status(snapshot_id), set(volumes(group))) == ("gone", {f"volume-{volume_id}"})
