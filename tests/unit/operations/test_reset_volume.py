"""Statuses of volumes that an administrator sets."""

import pytest

from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.model.states import VOLUME
from lapilli.operations import delete_volume, extend_volume, reset_volume
from tests.unit.operations.lab import RULES, TENANT, Lab, fail


def test_status(lab: Lab) -> None:
    """Statuses are written, transient ones too; `deleting` and what is no status are refused."""
    volume_id = lab.create()
    lab.ask(reset_volume.reset, volume_id, status="error", migration_status="migrating")
    row = lab.volume(volume_id)
    assert (row.status, row.migration_status) == ("error", "migrating")
    lab.ask(reset_volume.reset, volume_id, migration_status="none")
    assert lab.volume(volume_id).migration_status is None
    lab.ask(reset_volume.reset, volume_id, status="creating")
    assert lab.status(volume_id) == "creating"
    with pytest.raises(Conflict, match="deleting"):
        lab.ask(reset_volume.reset, volume_id, status="deleting")
    with pytest.raises(Conflict, match="nonsense"):
        lab.ask(reset_volume.reset, volume_id, status="nonsense")


def test_transient_status(lab: Lab) -> None:
    """A transient status that was set by hand is no operation's: it stays until the next is set, or until force."""
    volume_id = lab.create()
    for status in sorted(VOLUME.transient & VOLUME.settable):
        lab.ask(reset_volume.reset, volume_id, status=status)
        lab.work()
        assert lab.status(volume_id) == status
        with pytest.raises(Conflict, match=status):
            lab.ask(delete_volume.admit, TENANT, volume_id)
    lab.ask(reset_volume.reset, volume_id, status="available")
    lab.ask(extend_volume.admit, TENANT, RULES, volume_id, 2, online=False)
    lab.work()
    lab.ask(reset_volume.reset, volume_id, status="extending")
    lab.ask(delete_volume.admit, TENANT, volume_id, force=True)
    lab.work()
    assert lab.status(volume_id) == "gone"


def test_bad_wishes(lab: Lab) -> None:
    """Nothing to write, an unknown attach status, in-use without an attachment, no such volume."""
    volume_id = lab.create()
    with pytest.raises(Malformed, match="Give"):
        lab.ask(reset_volume.reset, volume_id)
    with pytest.raises(Malformed, match="attach_status"):
        lab.ask(reset_volume.reset, volume_id, attach_status="reserved")
    with pytest.raises(Malformed, match="no attachment"):
        lab.ask(reset_volume.reset, volume_id, status="in-use")
    with pytest.raises(NotFound):
        lab.ask(reset_volume.reset, "nobody", status="error")


def test_live_operation(lab: Lab) -> None:
    """What an operation works on is not set."""
    volume_id = lab.create()
    lab.ask(extend_volume.admit, TENANT, RULES, volume_id, 2, online=False)
    with pytest.raises(Conflict, match="working on"):
        lab.ask(reset_volume.reset, volume_id, status="available")
    lab.work()


def test_volume_that_was_never_placed(lab: Lab) -> None:
    """There is nothing to use or attach: it stays in error."""
    volume_id = lab.create(500)
    for status in ("available", "maintenance"):
        with pytest.raises(Malformed, match="never placed"):
            lab.ask(reset_volume.reset, volume_id, status=status)
    lab.ask(reset_volume.reset, volume_id, status="error_deleting")


def test_detached(lab: Lab) -> None:
    """Attachments are forgotten; those that are exported when their hosts are let in no more."""
    volume_id = lab.create(volume_type=lab.type("shared", multiattach="<is> True"))
    first, reserved = lab.attach(volume_id, 1, "i"), lab.reserve(volume_id, "j")
    lab.ask(reset_volume.reset, volume_id, status="available", attach_status="detached")
    row = lab.volume(volume_id)
    assert (row.status, row.attach_status, row.admin_metadata) == ("available", "detached", {})
    assert (lab.status(first), lab.status(reserved)) == ("detaching", "gone")
    lab.work()
    assert (lab.status(first), lab.status(volume_id)) == ("gone", "available")
    assert (lab.first.granted(), lab.export(volume_id)) == ({}, None)


def test_detached_and_in_error(lab: Lab) -> None:
    """The volume keeps the status that was set; a target that fails leaves a broken attachment."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.first.target.before["unexport"] = fail
    lab.ask(reset_volume.reset, volume_id, status="error", attach_status="detached")
    lab.work()
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("error_detaching", "error")
    lab.first.target.before.clear()
    lab.ask(reset_volume.reset, volume_id, attach_status="detached")
    lab.work()
    assert (lab.status(attachment_id), lab.status(volume_id), lab.first.granted()) == ("gone", "error", {})


def test_detached_while_it_is_being_connected(lab: Lab) -> None:
    """An attachment in the hands of an operation is not forgotten."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    lab.begin_connect(attachment_id, 1)
    with pytest.raises(Conflict, match="Another operation"):
        lab.ask(reset_volume.reset, volume_id, attach_status="detached")
    lab.work()
    assert lab.status(attachment_id) == "attaching"
