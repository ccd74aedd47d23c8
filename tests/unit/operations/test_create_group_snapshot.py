"""Keeping a whole group: a snapshot of each volume, of one moment where the group's type asks for that."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lapilli.db import group_types, quotas, services, volumes
from lapilli.drivers.directory import DirectoryDriver
from lapilli.model.errors import Conflict, NotFound, QuotaExceeded
from lapilli.operations import report_pools
from lapilli.operations.admission import Rules
from tests.unit.operations import group_lab as g
from tests.unit.operations.lab import STRANGER, Backend, Beforehand, Lab, fail


class Together(DirectoryDriver):
    """A driver that can keep several volumes at once."""

    def create_group_snapshot(self, snapshots: Mapping[str, str]) -> None:
        for snapshot, volume in snapshots.items():
            self.create_snapshot(snapshot, volume)
        Path(self.path("together")).touch()


def give_power(backend: Backend) -> None:
    """The backend's driver is one that keeps several volumes at once."""
    driver = Together(backend.driver._settings, backend.name)
    object.__setattr__(backend.desk, "driver", Beforehand(driver))
    assert report_pools.run(backend.desk, {"volume_backend_name": backend.name}) is None


def test_one_of_each(lab: Lab) -> None:
    """All volumes are kept, with the group snapshot's name, and the space of each is reserved."""
    group_id = g.make_group(lab)
    one, two = g.make_member(lab, group_id, 1), g.make_member(lab, group_id, 2)
    snapshot_id = g.begin_group_snapshot(lab, group_id)
    assert g.status(lab, snapshot_id) == "creating"
    assert {piece.status for piece in g.pieces(lab, snapshot_id)} == {"creating"}
    assert (g.status(lab, group_id), lab.status(one)) == ("available", "available")
    lab.work()
    assert g.status(lab, snapshot_id) == "available"
    pieces = {piece.volume_id: piece for piece in g.pieces(lab, snapshot_id)}
    assert [(pieces[id].status, pieces[id].size_gib, pieces[id].name) for id in (one, two)] == [
        ("available", 1, "s"),
        ("available", 2, "s"),
    ]
    assert lab.first.files() >= {f"snapshot-{piece.id}" for piece in pieces.values()}
    assert lab.allocated(lab.first) == (6, 2)


def test_no_space_for_one(lab: Lab) -> None:
    """If one finds no space, there is none of any."""
    group_id = g.make_group(lab)
    for size_gib in (2, 11):
        g.make_member(lab, group_id, size_gib)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    assert g.status(lab, snapshot_id) == "error"
    assert [(piece.status, piece.allocated_gib) for piece in g.pieces(lab, snapshot_id)] == [("error", 0)] * 2
    assert (lab.allocated(lab.first), len(lab.first.files())) == ((13, 2), 2)


def test_no_space_of_its_own(lab: Lab) -> None:
    """Where snapshots take none, none is reserved."""
    group_id = g.make_group(lab)
    g.make_member(lab, group_id, 20)
    lab.tell(lab.first, snapshots_take_space=False)
    assert g.status(lab, g.make_group_snapshot(lab, group_id)) == "available"
    assert lab.allocated(lab.first) == (20, 1)


def test_fault_of_the_backend(lab: Lab) -> None:
    """If one fails, the others go; the rest in error is deleted as a whole."""
    group_id = g.make_group(lab)
    for _ in range(2):
        g.make_member(lab, group_id)
    calls = iter(range(20))
    lab.first.driver.before["create_snapshot"] = lambda: next(calls) and fail()
    snapshot_id = g.make_group_snapshot(lab, group_id)
    assert g.status(lab, snapshot_id) == "error"
    assert {piece.status for piece in g.pieces(lab, snapshot_id)} == {"error"}
    assert (lab.allocated(lab.first), len(lab.first.files())) == ((2, 2), 2)
    g.delete_snapshot(lab, snapshot_id)
    lab.work()
    assert g.status(lab, snapshot_id) == "gone"


def test_of_one_moment(lab: Lab) -> None:
    """Storage that can keep several volumes at once is asked to, where the group's type wants it."""
    give_power(lab.first)
    group_id = g.make_group(lab, specs=g.CONSISTENT)
    for _ in range(2):
        g.make_member(lab, group_id)
    assert g.status(lab, g.make_group_snapshot(lab, group_id)) == "available"
    assert "together" in lab.first.files()


def test_not_of_one_moment(lab: Lab) -> None:
    """Storage that cannot is not asked, and the refusal says why."""
    group_id = g.make_group(lab, specs=g.CONSISTENT)
    g.make_member(lab, group_id)
    with pytest.raises(Conflict, match=r"one moment \(consistent_group_snapshot_enabled\), and the storage"):
        g.begin_group_snapshot(lab, group_id)


def test_can_no_longer(lab: Lab) -> None:
    """Storage that has lost the power since it was asked fails, and keeps nothing."""
    lab.tell(lab.first, consistent_group_snapshot_enabled=True)
    group_id = g.make_group(lab, specs=g.CONSISTENT)
    g.make_member(lab, group_id)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    assert g.status(lab, snapshot_id) == "error"
    assert "no longer" in lab.operation(snapshot_id).error


def test_refused(lab: Lab) -> None:
    """Empty groups, groups and volumes that are not at rest, frozen storage, and what belongs to others."""
    group_id = g.make_group(lab)
    with pytest.raises(Conflict, match="no volumes"):
        g.begin_group_snapshot(lab, group_id)
    volume_id = g.make_member(lab, group_id)
    with pytest.raises(NotFound):
        g.begin_group_snapshot(lab, group_id, caller=STRANGER)
    lab.db.write(lambda tx: volumes.set_status(tx, volume_id, "error"))
    with pytest.raises(Conflict, match="is error"):
        g.begin_group_snapshot(lab, group_id)
    lab.db.write(lambda tx: volumes.set_status(tx, volume_id, "available"))
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
    with pytest.raises(Conflict, match="frozen"):
        g.begin_group_snapshot(lab, group_id)
    with pytest.raises(Conflict, match="is creating"):
        g.begin_group_snapshot(lab, g.begin_group(lab))
    lab.work()


def test_quota(lab: Lab) -> None:
    """Snapshots count one by one, their GiB as a sum, and each type for itself."""
    small = lab.type("small")
    group_id = g.make_group(lab, ["__DEFAULT__", small])
    g.make_member(lab, group_id, 2)
    g.make_member(lab, group_id, 3, small)
    for resource, limit in {"snapshots": 1, "gigabytes": 9, "snapshots_small": 0, "gigabytes_small": 5}.items():
        g.limit(lab, resource, limit)
        with pytest.raises(QuotaExceeded, match=resource):
            g.begin_group_snapshot(lab, group_id, rules=Rules(quota=g.UNLIMITED))
    g.limit(lab, "gigabytes", 5)
    g.begin_group_snapshot(lab, group_id, rules=Rules(quota=g.UNLIMITED, snapshots_use_gigabytes=False))
    assert lab.see(quotas.usage, "p")["snapshots"] == 2
    lab.work()


def test_what_the_type_says_now(lab: Lab) -> None:
    """The promise is the one that the group's type makes when the snapshot is asked for."""
    group_id = g.make_group(lab)
    g.make_member(lab, group_id)
    lab.db.write(lambda tx: group_types.set_specs(tx, "plain", g.CONSISTENT))
    with pytest.raises(Conflict, match="one moment"):
        g.begin_group_snapshot(lab, group_id)
