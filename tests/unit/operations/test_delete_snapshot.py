"""Deleting snapshots."""

import pytest

from lapilli.db import services
from lapilli.model.errors import Conflict, NotFound
from lapilli.operations import delete_snapshot, reset_snapshot
from tests.unit.operations.lab import STRANGER, TENANT, Lab, fail


def test_delete(lab: Lab) -> None:
    """The snapshot and its space are gone; asking twice is no error meanwhile."""
    volume_id = lab.create(2)
    snapshot_id = lab.snapshot(volume_id)
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.work()
    assert (lab.status(snapshot_id), lab.allocated(lab.first)) == ("gone", (2, 1))
    assert lab.first.files() == {f"volume-{volume_id}"}
    with pytest.raises(NotFound):
        lab.ask(delete_snapshot.admit, TENANT, snapshot_id)


def test_snapshot_without_space_of_its_own(lab: Lab) -> None:
    """Only what was reserved is given back, whatever the pool says by now."""
    volume_id = lab.create(2)
    lab.tell(lab.first, snapshots_take_space=False)
    snapshot_id = lab.snapshot(volume_id)
    lab.tell(lab.first, snapshots_take_space=True)
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.work()
    assert lab.allocated(lab.first) == (2, 1)


def test_fault_of_the_backend(lab: Lab) -> None:
    """The snapshot is in error, with its space still taken, until it is deleted again."""
    snapshot_id = lab.snapshot(lab.create())
    lab.first.driver.before["delete_snapshot"] = fail
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.work()
    assert (lab.status(snapshot_id), lab.allocated(lab.first)) == ("error_deleting", (2, 1))
    assert [row.event_id for row in lab.complaints(snapshot_id)] == ["VOLUME_VOLUME_SNAPSHOT_010_016"]
    lab.first.driver.before.clear()
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.work()
    assert (lab.status(snapshot_id), lab.allocated(lab.first)) == ("gone", (1, 1))


def test_failed_snapshot(lab: Lab) -> None:
    """One that was never made gives nothing back twice."""
    lab.first.driver.before["create_snapshot"] = fail
    snapshot_id = lab.snapshot(lab.create())
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.work()
    assert (lab.status(snapshot_id), lab.allocated(lab.first)) == ("gone", (1, 1))


def test_refused(lab: Lab) -> None:
    """A snapshot that is being made, of another project, or on a frozen backend stays."""
    snapshot_id = lab.begin_snapshot(lab.create())
    for force in (False, True):
        with pytest.raises(Conflict):
            lab.ask(delete_snapshot.admit, TENANT, snapshot_id, force=force)
    lab.work()
    with pytest.raises(NotFound):
        lab.ask(delete_snapshot.admit, STRANGER, snapshot_id)
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
    with pytest.raises(Conflict, match="frozen"):
        lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    assert lab.status(snapshot_id) == "available"


def test_force(lab: Lab) -> None:
    """Force deletes from statuses that otherwise do not allow it."""
    snapshot_id = lab.snapshot(lab.create())
    lab.ask(reset_snapshot.reset, snapshot_id, "backing-up")
    with pytest.raises(Conflict, match="backing-up"):
        lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id, force=True)
    lab.work()
    assert lab.status(snapshot_id) == "gone"
