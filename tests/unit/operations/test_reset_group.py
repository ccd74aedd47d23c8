"""Statuses of groups and group snapshots that are set by hand."""

import pytest

from lapilli.model.errors import Conflict, NotFound
from lapilli.operations import reset_group
from tests.unit.operations import group_lab as g
from tests.unit.operations.lab import Lab


def test_set_and_refused(lab: Lab) -> None:
    """Known statuses of what nobody works on can be set, transient ones too."""
    group_id = g.make_group(lab)
    g.make_member(lab, group_id)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    for reset, id in ((reset_group.reset, group_id), (reset_group.reset_snapshot, snapshot_id)):
        for status in ("error", "updating", "deleted", "available"):
            lab.ask(reset, id, status)
            assert g.status(lab, id) == status
        for status in ("in-use", "melon"):
            with pytest.raises(Conflict, match="can be set"):
                lab.ask(reset, id, status)
        with pytest.raises(NotFound):
            lab.ask(reset, "melon", "error")


def test_while_it_is_worked_on(lab: Lab) -> None:
    """What an operation works on is not set by hand."""
    group_id = g.begin_group(lab)
    with pytest.raises(Conflict, match="An operation is working"):
        lab.ask(reset_group.reset, group_id, "error")
    lab.work()
    g.make_member(lab, group_id)
    snapshot_id = g.begin_group_snapshot(lab, group_id)
    with pytest.raises(Conflict, match="An operation is working"):
        lab.ask(reset_group.reset_snapshot, snapshot_id, "error")
    lab.work()
