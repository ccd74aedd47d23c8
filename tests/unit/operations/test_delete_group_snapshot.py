"""Deleting group snapshots: all their snapshots go, and their space comes back."""

import pytest

from lapilli.db import group_snapshots, snapshots
from lapilli.model.errors import Conflict, NotFound
from tests.unit.operations import group_lab as g
from tests.unit.operations.lab import STRANGER, Lab, fail


def kept(lab: Lab) -> tuple[str, str]:
    """A group of two volumes that was kept; its id, and that of the group snapshot."""
    group_id = g.make_group(lab)
    for _ in range(2):
        g.make_member(lab, group_id)
    return group_id, g.make_group_snapshot(lab, group_id)


def test_all_go(lab: Lab) -> None:
    """The snapshots, their bytes and their space; a second request is none too many."""
    _group_id, snapshot_id = kept(lab)
    for _ in range(2):
        g.delete_snapshot(lab, snapshot_id)
        assert {piece.status for piece in g.pieces(lab, snapshot_id)} == {"deleting"}
    lab.work()
    assert (g.status(lab, snapshot_id), g.pieces(lab, snapshot_id)) == ("gone", [])
    assert (lab.allocated(lab.first), len(lab.first.files())) == ((2, 2), 2)
    with pytest.raises(NotFound):
        g.delete_snapshot(lab, snapshot_id)


def test_fault_of_the_backend(lab: Lab) -> None:
    """What could not be deleted is so named, and is deleted by asking again."""
    _group_id, snapshot_id = kept(lab)
    lab.first.driver.before["delete_snapshot"] = fail
    g.delete_snapshot(lab, snapshot_id)
    lab.work()
    assert g.status(lab, snapshot_id) == "error_deleting"
    assert {piece.status for piece in g.pieces(lab, snapshot_id)} == {"error_deleting"}
    assert lab.allocated(lab.first) == (4, 2)
    del lab.first.driver.before["delete_snapshot"]
    g.delete_snapshot(lab, snapshot_id)
    lab.work()
    assert (g.status(lab, snapshot_id), lab.allocated(lab.first)) == ("gone", (2, 2))


def test_refused(lab: Lab) -> None:
    """What is copied, what belongs to others, and statuses that somebody has set."""
    _group_id, snapshot_id = kept(lab)
    with pytest.raises(NotFound):
        g.delete_snapshot(lab, snapshot_id, caller=STRANGER)
    piece = g.pieces(lab, snapshot_id)[0].id
    lab.db.write(lambda tx: snapshots.set_status(tx, piece, "backing-up"))
    with pytest.raises(Conflict, match="is backing-up"):
        g.delete_snapshot(lab, snapshot_id)
    lab.db.write(lambda tx: snapshots.set_status(tx, piece, "available"))
    lab.db.write(lambda tx: group_snapshots.set_status(tx, snapshot_id, "updating"))
    with pytest.raises(Conflict, match="is updating"):
        g.delete_snapshot(lab, snapshot_id)


def test_while_a_volume_is_made_of_a_piece(lab: Lab) -> None:
    """A snapshot that is being copied stays, and so the whole group snapshot."""
    _group_id, snapshot_id = kept(lab)
    lab.first.driver.before["create_volume_from_snapshot"] = lambda: refused(lab, snapshot_id)
    lab.create(1, snapshot_id=g.pieces(lab, snapshot_id)[0].id)
    assert g.status(lab, snapshot_id) == "available"


def refused(lab: Lab, snapshot_id: str) -> None:
    with pytest.raises(Conflict, match="being copied"):
        g.delete_snapshot(lab, snapshot_id)
