"""Deleting groups: alone, with their volumes, and what is in the way."""

import pytest

from lapilli.db import groups, services
from lapilli.model.errors import Conflict, NotFound
from lapilli.operations import attach_volume, delete_volume, reset_group
from tests.unit.operations import group_lab as g
from tests.unit.operations.lab import ADMIN, STRANGER, TENANT, Lab, fail


def test_empty(lab: Lab) -> None:
    """An empty group goes; a second request is none too many."""
    group_id = g.make_group(lab)
    for _ in range(2):
        g.delete(lab, group_id)
    assert g.status(lab, group_id) == "deleting"
    lab.work()
    with pytest.raises(NotFound):
        g.delete(lab, group_id)


def test_with_its_volumes(lab: Lab) -> None:
    """The volumes go with it only if that is asked for; their space comes back."""
    group_id = g.make_group(lab)
    volume_id = g.make_member(lab, group_id)
    g.make_member(lab, group_id, 500)
    with pytest.raises(Conflict, match="2 volumes"):
        g.delete(lab, group_id)
    g.delete(lab, group_id, with_volumes=True)
    assert {volume.status for volume in g.members(lab, group_id)} == {"deleting"}
    lab.work()
    assert (g.status(lab, group_id), lab.status(volume_id)) == ("gone", "gone")
    assert (lab.allocated(lab.first), lab.first.files()) == ((0, 0), set())


def test_never_placed(lab: Lab) -> None:
    """What has been nowhere is gone at once; what is on its way is not deleted."""
    odd = lab.type("odd", volume_backend_name="nowhere")
    group_id = g.begin_group(lab, [odd])
    with pytest.raises(Conflict, match="is creating"):
        g.delete(lab, group_id, with_volumes=True)
    lab.work()
    g.delete(lab, group_id)
    assert g.status(lab, group_id) == "gone"


def test_fault_of_the_backend(lab: Lab) -> None:
    """What could not be deleted is so named, and is deleted by asking again."""
    group_id = g.make_group(lab)
    for _ in range(2):
        g.make_member(lab, group_id)
    calls = iter(range(20))
    lab.first.driver.before["delete_volume"] = lambda: next(calls) and fail()
    g.delete(lab, group_id, with_volumes=True)
    lab.work()
    assert g.status(lab, group_id) == "error_deleting"
    assert {volume.status for volume in g.members(lab, group_id)} == {"error_deleting"}
    assert lab.allocated(lab.first) == (2, 2)
    del lab.first.driver.before["delete_volume"]
    g.delete(lab, group_id, with_volumes=True)
    lab.work()
    assert (g.status(lab, group_id), lab.allocated(lab.first)) == ("gone", (0, 0))


def test_in_the_way(lab: Lab) -> None:
    """Group snapshots, snapshots, attachments, frozen storage; and others see no group."""
    group_id = g.make_group(lab)
    volume_id = g.make_member(lab, group_id)
    with pytest.raises(NotFound):
        g.delete(lab, group_id, caller=STRANGER)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    with pytest.raises(Conflict, match="has group snapshots"):
        g.delete(lab, group_id, with_volumes=True)
    g.delete_snapshot(lab, snapshot_id)
    lab.work()
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
    with pytest.raises(Conflict, match="frozen"):
        g.delete(lab, group_id, with_volumes=True)
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=False))
    lab.snapshot(volume_id)
    with pytest.raises(Conflict, match="has snapshots"):
        g.delete(lab, group_id, with_volumes=True)
    lab.ask(attach_volume.reserve, TENANT, volume_id, instance_id="i", mode=None)
    with pytest.raises(Conflict, match="is attached"):
        g.delete(lab, group_id, with_volumes=True)


def test_statuses_set_by_hand(lab: Lab) -> None:
    """A group that somebody has set to `deleting` is deleted with its volumes all the same, and only so."""
    group_id = g.make_group(lab)
    for status in ("deleting", "updating", "deleted"):
        lab.db.write(lambda tx, status=status: groups.set_status(tx, group_id, status))
        with pytest.raises(Conflict, match=f"is {status}"):
            g.delete(lab, group_id)
    lab.ask(reset_group.reset, group_id, "deleting")
    g.delete(lab, group_id, with_volumes=True, caller=ADMIN)
    lab.work()
    assert g.status(lab, group_id) == "gone"


def test_a_volume_is_not_deleted_alone(lab: Lab) -> None:
    """It has to leave the group first; nor does a cascade take pieces of group snapshots along."""
    group_id = g.make_group(lab)
    volume_id = g.make_member(lab, group_id)
    with pytest.raises(Conflict, match="part of group"):
        lab.ask(delete_volume.admit, TENANT, volume_id)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    g.update(lab, group_id, remove=[volume_id])
    lab.work()
    with pytest.raises(Conflict, match="part of group snapshot"):
        lab.ask(delete_volume.admit, TENANT, volume_id, cascade=True)
    g.delete_snapshot(lab, snapshot_id)
    lab.work()
    lab.ask(delete_volume.admit, TENANT, volume_id)
    lab.work()
    assert lab.status(volume_id) == "gone"
