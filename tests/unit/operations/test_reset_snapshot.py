"""Statuses of snapshots that somebody outside sets."""

import pytest

from lapilli.db import snapshots
from lapilli.model.errors import Conflict, NotFound
from lapilli.operations import reset_snapshot
from tests.unit.operations.lab import Lab


def test_reset(lab: Lab) -> None:
    """Every status is written but an unknown one."""
    snapshot_id = lab.snapshot(lab.create())
    for status in ("error", "creating", "deleting"):
        lab.ask(reset_snapshot.reset, snapshot_id, status)
        assert lab.status(snapshot_id) == status
    with pytest.raises(Conflict, match="nonsense"):
        lab.ask(reset_snapshot.reset, snapshot_id, "nonsense")
    with pytest.raises(NotFound):
        lab.ask(reset_snapshot.reset, "nobody", "error")


def test_live_operation(lab: Lab) -> None:
    """What an operation works on is neither set nor reported."""
    snapshot_id = lab.begin_snapshot(lab.create())
    with pytest.raises(Conflict, match="working on"):
        lab.ask(reset_snapshot.reset, snapshot_id, "error")
    with pytest.raises(Conflict, match="working on"):
        lab.ask(reset_snapshot.report, snapshot_id, "available", "100%")
    lab.work()
    assert lab.status(snapshot_id) == "available"


@pytest.mark.parametrize(
    ("before", "reported", "after"),
    [
        ("creating", "creating", "creating"),
        ("creating", "available", "available"),
        ("creating", "error", "error"),
        ("deleting", "error_deleting", "error_deleting"),
    ],
)
def test_report(lab: Lab, before: str, reported: str, after: str) -> None:
    """A hypervisor tells how far its snapshot is, and how it ended."""
    snapshot_id = lab.snapshot(lab.create())
    # No operation makes the hypervisor's snapshot, so the invariant about transient statuses is not asked here.
    lab.db.write(lambda tx: snapshots.set_status(tx, snapshot_id, before))
    lab.db.write(lambda tx: reset_snapshot.report(tx, snapshot_id, reported, "80%"))
    row = lab.see(snapshots.get, snapshot_id, None)
    assert (row.status, row.progress) == (after, "80%")


def test_report_that_does_not_follow(lab: Lab) -> None:
    """A snapshot that nobody makes cannot be reported as made."""
    snapshot_id = lab.snapshot(lab.create())
    with pytest.raises(Conflict, match="cannot be reported"):
        lab.ask(reset_snapshot.report, snapshot_id, "error", None)
