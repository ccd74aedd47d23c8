"""Reverting volumes: what is refused, and what is as before when it fails."""

from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.model.errors import BackendFailed, Conflict
from lapilli.operations import create_volume, reset_volume, revert_volume
from lapilli.operations.create_volume import Wish
from lapilli.scheduler.filters import CapacityFilter
from lapilli.work import administration
from tests.unit.operations.lab import RULES, TENANT, Lab, fail


class Breaks(DirectoryDriver):
    """Fails halfway."""

    def revert_to_snapshot(self, volume: str, snapshot: str) -> None:
        raise BackendFailed("the disk is gone")


class Cannot(DirectoryDriver):
    """A storage without the power."""

    revert_to_snapshot = None  # type: ignore[assignment]


def use(lab: Lab, kind: type[DirectoryDriver]) -> None:
    """Let the first backend work with a driver of this kind."""
    directory: Path = lab.first.directory
    driver = kind(DirectorySettings(str(directory), 20), lab.first.name)
    lab.first.desk = replace(lab.first.desk, driver=driver)
    lab.schedule(CapacityFilter())


def begin(lab: Lab) -> tuple[str, str]:
    """A volume that is being reverted, and its snapshot."""
    volume_id = lab.create()
    snapshot_id = lab.snapshot(volume_id)
    lab.ask(revert_volume.admit, TENANT, volume_id, snapshot_id)
    return volume_id, snapshot_id


def test_fault_of_the_backend(lab: Lab) -> None:
    """Nobody knows what the volume's bytes are: it is in error, and the snapshot is there for another try."""
    volume_id, snapshot_id = begin(lab)
    use(lab, Breaks)
    lab.work()
    assert (lab.status(volume_id), lab.status(snapshot_id)) == ("error", "available")


def test_storage_that_cannot(lab: Lab) -> None:
    """A driver without the power touches nothing: both are available again, and the operation says why."""
    volume_id, snapshot_id = begin(lab)
    use(lab, Cannot)
    lab.work()
    assert (lab.status(volume_id), lab.status(snapshot_id)) == ("available", "available")
    assert "cannot revert" in lab.operation(volume_id).error


def test_cancel(lab: Lab) -> None:
    """Before anything was touched, all is as it was."""
    volume_id, snapshot_id = begin(lab)
    lab.ask(administration.cancel, lab.operation(volume_id).id)
    lab.work()
    assert (lab.status(volume_id), lab.status(snapshot_id)) == ("available", "available")


def test_while_it_is_copied(lab: Lab) -> None:
    """A clone that has begun keeps its source as it is."""
    volume_id = lab.create()
    snapshot_id = lab.snapshot(volume_id)
    lab.ask(create_volume.admit, TENANT, RULES, Wish(source_volid=volume_id))
    with pytest.raises(Conflict, match="copied"):
        lab.ask(revert_volume.admit, TENANT, volume_id, snapshot_id)
    assert lab.status(volume_id) == "available"


def test_while_a_host_may_still_write(lab: Lab) -> None:
    """A volume that is exported to a host whose detachment failed is not reverted under it."""
    volume_id = lab.create()
    snapshot_id = lab.snapshot(volume_id)
    attachment_id = lab.attach(volume_id)
    lab.first.target.before["unexport"] = fail
    lab.detach(attachment_id)
    with pytest.raises(Conflict, match="in-use"):
        lab.ask(revert_volume.admit, TENANT, volume_id, snapshot_id)
    lab.ask(reset_volume.reset, volume_id, status="available")
    with pytest.raises(Conflict, match="exported"):
        lab.ask(revert_volume.admit, TENANT, volume_id, snapshot_id)
