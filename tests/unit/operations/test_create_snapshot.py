"""Taking snapshots: what may be taken, and the space and quota it needs."""

import pytest

from lapilli.db import quotas, services, snapshots
from lapilli.model.errors import Conflict, NotFound, QuotaExceeded
from lapilli.operations import create_snapshot
from lapilli.operations.admission import Rules
from tests.unit.operations.lab import STRANGER, TENANT, Lab, fail


def ask(lab: Lab, volume_id: str, rules: Rules) -> str:
    return lab.ask(
        create_snapshot.admit, TENANT, rules, volume_id, name="s", description=None, metadata={"a": "b"}, force=False
    )


def test_space_of_its_own(lab: Lab) -> None:
    """Where snapshots may come to need space, it is reserved like a volume's."""
    volume_id = lab.create(2)
    snapshot_id = lab.snapshot(volume_id)
    row = lab.see(snapshots.get, snapshot_id, None)
    assert (row.status, row.progress, row.size_gib, row.allocated_gib) == ("available", "100%", 2, 2)
    assert lab.allocated(lab.first) == (4, 1)
    assert lab.first.files() == {f"volume-{volume_id}", f"snapshot-{snapshot_id}"}


def test_no_space_of_its_own(lab: Lab) -> None:
    """Where snapshots take none, none is reserved, not even in a full pool."""
    volume_id = lab.create(20)
    lab.tell(lab.first, snapshots_take_space=False)
    assert lab.status(lab.snapshot(volume_id)) == "available"
    assert lab.allocated(lab.first) == (20, 1)


def test_no_space_left(lab: Lab) -> None:
    """A snapshot that finds no space is in error, takes none, and can be deleted with its volume."""
    volume_id = lab.create(11)
    snapshot_id = lab.snapshot(volume_id)
    assert lab.status(snapshot_id) == "error"
    assert lab.allocated(lab.first) == (11, 1)
    assert "no 11 GiB free" in lab.operation(snapshot_id).error


def test_fault_of_the_backend(lab: Lab) -> None:
    """What was made of the snapshot is removed, and its space given back."""

    def half_made() -> None:
        (lab.first.directory / f"snapshot-{snapshot_id}").touch()
        fail()

    volume_id = lab.create(2)
    lab.first.driver.before["create_snapshot"] = half_made
    snapshot_id = lab.begin_snapshot(volume_id)
    lab.work()
    assert lab.status(snapshot_id) == "error"
    assert (lab.allocated(lab.first), lab.first.files()) == ((2, 1), {f"volume-{volume_id}"})


def test_volume_in_use(lab: Lab) -> None:
    """It needs force, and storage that can take a snapshot of one moment."""
    volume_id = lab.create()
    lab.attach(volume_id)
    lab.tell(lab.first, copies_snapshots=False)
    with pytest.raises(Conflict, match="in-use"):
        lab.begin_snapshot(volume_id)
    lab.begin_snapshot(volume_id, force=True)
    lab.tell(lab.first, copies_snapshots=True)
    with pytest.raises(Conflict, match="one moment"):
        lab.begin_snapshot(volume_id, force=True)
    lab.work()


def test_volume_in_other_statuses(lab: Lab) -> None:
    """Force is for attached volumes only; and strangers see no volume."""
    volume_id = lab.create(500)
    with pytest.raises(Conflict, match="error"):
        lab.begin_snapshot(volume_id, force=True)
    with pytest.raises(NotFound):
        lab.begin_snapshot(volume_id, caller=STRANGER)


def test_frozen(lab: Lab) -> None:
    """A frozen backend takes no snapshots."""
    volume_id = lab.create()
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
    with pytest.raises(Conflict, match="frozen"):
        lab.begin_snapshot(volume_id)


def test_quota(lab: Lab) -> None:
    """Snapshots are counted, and their GiB too where the operator wants that."""
    volume_id = lab.create(2)
    with pytest.raises(QuotaExceeded, match="gigabytes"):
        ask(lab, volume_id, Rules(quota={"gigabytes": 3}))
    ask(lab, volume_id, Rules(quota={"gigabytes": 3, "snapshots": 1}, snapshots_use_gigabytes=False))
    with pytest.raises(QuotaExceeded, match="snapshots"):
        ask(lab, volume_id, Rules(quota={"snapshots": 1}))
    assert lab.see(quotas.usage, "p")["gigabytes"] == 4
    lab.work()
