"""Changing groups: texts at once, volumes as an operation, and volumes that may not join or leave."""

import pytest

from lapilli.db import groups, services, volumes
from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.operations import delete_volume
from lapilli.work import administration
from tests.unit.operations import group_lab as g
from tests.unit.operations.lab import ADMIN, STRANGER, TENANT, Lab


def test_texts(lab: Lab) -> None:
    """They change at once, in any status, and leave the status as it is."""
    group_id = g.make_group(lab, name="old", description="d")
    lab.db.write(lambda tx: groups.set_status(tx, group_id, "error"))
    g.update(lab, group_id, name="new", description="")
    row = g.group(lab, group_id)
    assert (row.name, row.description, row.status) == ("new", "", "error")
    for texts in ({}, {"name": "new"}, {"name": "new", "description": ""}):
        with pytest.raises(Malformed, match="would change"):
            g.update(lab, group_id, **texts)


def test_volumes_join_and_leave(lab: Lab) -> None:
    """While it changes, the group is updating and no volume of it can be deleted; then those that left can."""
    group_id = g.make_group(lab)
    stays, leaves = g.make_member(lab, group_id), g.make_member(lab, group_id)
    joins = lab.create(1)
    g.update(lab, group_id, name="n", add=[joins, stays, joins], remove=[leaves])
    assert g.status(lab, group_id) == "updating"
    for volume_id in (joins, leaves):
        with pytest.raises(Conflict, match="part of group"):
            lab.ask(delete_volume.admit, TENANT, volume_id)
    lab.work()
    assert g.status(lab, group_id) == "available"
    assert {volume.id for volume in g.members(lab, group_id)} == {stays, joins}
    lab.ask(delete_volume.admit, TENANT, leaves)
    lab.work()
    g.update(lab, group_id, remove=[stays, joins])
    lab.work()
    assert g.members(lab, group_id) == []


def test_given_up(lab: Lab) -> None:
    """A change that is cancelled leaves the group as it was."""
    group_id = g.make_group(lab)
    stays, joins = g.make_member(lab, group_id), lab.create(1)
    g.update(lab, group_id, add=[joins], remove=[stays])
    lab.db.write(lambda tx: administration.cancel(tx, lab.operation(group_id).id))
    lab.work()
    assert g.status(lab, group_id) == "available"
    assert [volume.id for volume in g.members(lab, group_id)] == [stays]


def test_volumes_that_may_not_join(lab: Lab) -> None:
    """Of another group, type, project or backend, in a wrong status, or not there at all."""
    group_id = g.make_group(lab)
    elsewhere = g.make_member(lab, g.make_group(lab))
    broken, far = lab.create(1), lab.create(1, volume_type=lab.type("far", volume_backend_name="second"))
    lab.db.write(lambda tx: volumes.set_status(tx, broken, "error"))
    for volume_id, why in (
        (elsewhere, "in group"),
        (far, "no volumes of type"),
        (broken, "is error"),
        ("melon", "could not be found"),
    ):
        with pytest.raises((Conflict, Malformed), match=why):
            g.update(lab, group_id, add=[volume_id])
    both = g.make_group(lab, ["__DEFAULT__", "far"])
    g.update(lab, both, add=[far])
    lab.work()
    with pytest.raises(Conflict, match="not on the storage"):
        g.update(lab, both, add=[lab.create(1)])


def test_others(lab: Lab) -> None:
    """Strangers see no group; an administrator does not mix the projects."""
    group_id = g.make_group(lab)
    with pytest.raises(NotFound):
        g.update(lab, group_id, name="n", caller=STRANGER)
    volume_id = lab.create(1)
    lab.db.write(lambda tx: volumes.change(tx, volume_id, project_id="q"))
    with pytest.raises(Conflict, match="different projects"):
        g.update(lab, group_id, add=[volume_id], caller=ADMIN)
    with pytest.raises(Malformed, match="could not be found"):
        g.update(lab, group_id, add=[volume_id])


def test_volumes_that_may_not_leave(lab: Lab) -> None:
    """Those that are not there, that join in the same breath, and those somebody works on."""
    group_id = g.make_group(lab)
    volume_id = g.make_member(lab, group_id)
    with pytest.raises(Malformed, match="is not in group"):
        g.update(lab, group_id, remove=[lab.create(1)])
    with pytest.raises(Malformed, match="cannot both"):
        g.update(lab, group_id, add=[volume_id], remove=[volume_id])
    lab.db.write(lambda tx: volumes.set_status(tx, volume_id, "maintenance"))
    with pytest.raises(Conflict, match="is maintenance"):
        g.update(lab, group_id, remove=[volume_id])


def test_group_not_at_rest(lab: Lab) -> None:
    """Volumes join and leave only a group that is available, on storage that is not frozen."""
    group_id = g.make_group(lab)
    volume_id = g.make_member(lab, group_id)
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
    with pytest.raises(Conflict, match="frozen"):
        g.update(lab, group_id, remove=[volume_id])
    lab.db.write(lambda tx: groups.set_status(tx, group_id, "error"))
    with pytest.raises(Conflict, match="is error"):
        g.update(lab, group_id, remove=[volume_id])
