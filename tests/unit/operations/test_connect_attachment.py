"""Exporting volumes to hosts: who may log in, what the answer says, and what a fault leaves."""

from typing import Any

import pytest

from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.operations import attach_volume, connect_attachment, delete_volume, reset_volume
from lapilli.work import queue
from tests.unit.operations.lab import STRANGER, TENANT, Lab, fail, host


def ask(lab: Lab, attachment_id: str, connector: dict[str, Any]) -> str:
    return lab.ask(connect_attachment.admit, TENANT, attachment_id, connector)


def shared(lab: Lab) -> str:
    return lab.create(volume_type=lab.type("shared", multiattach="<is> True"))


def test_connection(lab: Lab) -> None:
    """The host may log in, and the operation's result says where; the attachment keeps it."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    operation_id = ask(lab, attachment_id, {**host(1), "multipath": True, "enforce_multipath": True})
    lab.work()
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}
    finished = lab.see(queue.find_finished, operation_id)
    assert finished is not None
    assert finished.outcome == "done"
    row = lab.attachment(attachment_id)
    assert row.connection_info == finished.result
    assert (row.host_name, row.status) == ("host1", "attaching")
    wanted = {
        "driver_volume_type": "iscsi",
        "target_iqn": f"iqn.2010-10.org.openstack:volume-{volume_id}",
        "multipath": True,
        "enforce_multipath": True,
        "volume_id": volume_id,
        "attachment_id": attachment_id,
        "access_mode": "rw",
        "encrypted": False,
    }
    assert wanted.items() <= finished.result.items()


def test_connecting_again(lab: Lab) -> None:
    """A second call from the same host finds the export, and changes nothing."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    lab.connect(attachment_id, 1)
    export, info = lab.export(volume_id), lab.attachment(attachment_id).connection_info
    lab.connect(attachment_id, 1)
    assert (lab.export(volume_id), lab.attachment(attachment_id).connection_info) == (export, info)
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}


def test_server_that_gets_a_host(lab: Lab) -> None:
    """A server without a host is given the volume, and connects it where it starts; then nobody connects it anew."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    lab.ask(attach_volume.complete, TENANT, attachment_id)
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("attached", "in-use")
    lab.connect(attachment_id, 1)
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("attaching", "attaching")
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}
    lab.ask(attach_volume.complete, TENANT, attachment_id)
    assert lab.status(volume_id) == "in-use"
    for number in (1, 2):
        with pytest.raises(Conflict, match="make another one"):
            ask(lab, attachment_id, host(number))
    assert (lab.status(attachment_id), lab.first.granted()) == ("attached", {f"volume-{volume_id}": {"1"}})


def test_while_it_is_being_connected(lab: Lab) -> None:
    """Two calls at once do not both work on the attachment."""
    attachment_id = lab.reserve(lab.create())
    ask(lab, attachment_id, dict(host(1)))
    with pytest.raises(Conflict, match="Another operation"):
        ask(lab, attachment_id, dict(host(1)))
    with pytest.raises(Conflict, match="connected to host1"):
        ask(lab, attachment_id, dict(host(2)))
    with pytest.raises(Conflict, match="Another operation"):
        lab.begin_detach(attachment_id)
    lab.work()
    assert lab.attachment(attachment_id).host_name == "host1"


def test_while_it_is_copied(lab: Lab) -> None:
    """Where a copy is of one moment only if nobody writes, nobody is let in before it is made."""
    lab.tell(lab.first, copies_snapshots=True)
    volume_id = lab.create()
    lab.begin_snapshot(volume_id)
    attachment_id = lab.reserve(volume_id)
    with pytest.raises(Conflict, match="being copied"):
        ask(lab, attachment_id, dict(host(1)))
    lab.work()
    lab.connect(attachment_id, 1)
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}


@pytest.mark.parametrize(
    "connector",
    [{}, {"initiator": "iqn.x"}, {"host": "h", "initiator": 7}, {"host": "h" * 256}, {"host": "h", "mode": "wr"}],
)
def test_connector_of_a_wrong_form(lab: Lab, connector: dict[str, Any]) -> None:
    """It is refused before anything happens."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    with pytest.raises(Malformed):
        ask(lab, attachment_id, connector)
    assert (lab.status(attachment_id), lab.export(volume_id)) == ("reserved", None)


def test_connector_of_another_protocol(lab: Lab) -> None:
    """A host without an initiator is refused by the target, and nothing is exported."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    operation_id = ask(lab, attachment_id, {"host": "h", "wwpns": ["1"]})
    lab.work()
    finished = lab.see(queue.find_finished, operation_id)
    assert finished is not None
    assert (finished.outcome, finished.error) == ("refused", "The connector has no initiator.")
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("error_attaching", "available")
    assert (lab.export(volume_id), lab.first.granted()) == (None, {})


def test_fault_of_the_target(lab: Lab) -> None:
    """The attachment is in error, nothing stays exported, and both can be used again."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    lab.first.target.before["grant"] = fail
    lab.connect(attachment_id, 1)
    row = lab.attachment(attachment_id)
    assert (row.status, row.connector, row.connection_info) == ("error_attaching", None, None)
    assert (lab.status(volume_id), lab.export(volume_id), lab.first.granted()) == ("available", None, {})
    lab.first.target.before.clear()
    lab.connect(attachment_id, 1)
    assert (lab.status(attachment_id), lab.first.granted()) == ("attaching", {f"volume-{volume_id}": {"1"}})


def test_fault_that_passes(lab: Lab) -> None:
    """One failure of the target is met with a second try."""

    def fail_once() -> None:
        lab.first.target.before.clear()
        fail()

    attachment_id = lab.reserve(lab.create())
    lab.first.target.before["export"] = fail_once
    lab.connect(attachment_id, 1)
    assert lab.status(attachment_id) == "attaching"


def test_new_attachment_of_an_action(lab: Lab) -> None:
    """One that was made for this call alone goes when it fails."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    lab.first.target.before["export"] = fail
    lab.ask(connect_attachment.admit, TENANT, attachment_id, host(1), is_new=True)
    lab.work()
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("gone", "available")
    assert lab.export(volume_id) is None


def test_failure_beside_a_good_attachment(lab: Lab) -> None:
    """The export that another host uses stays."""
    volume_id = shared(lab)
    lab.attach(volume_id, 1, "i")
    second = lab.reserve(volume_id, "j")
    lab.first.target.before["grant"] = fail
    lab.connect(second, 2)
    assert (lab.status(second), lab.status(volume_id)) == ("error_attaching", "in-use")
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}


def test_failure_while_the_good_attachment_goes(lab: Lab) -> None:
    """A detach that is admitted after the failure was undone still finds the export, and ends it."""

    def begin_detach() -> None:
        lab.first.target.before.clear()
        lab.begin_detach(good)

    volume_id = shared(lab)
    good = lab.attach(volume_id, 1, "i")
    second = lab.reserve(volume_id, "j")
    lab.first.target.before.update(grant=fail, revoke=begin_detach)
    lab.connect(second, 2)
    assert (lab.status(good), lab.status(second), lab.status(volume_id)) == ("gone", "error_attaching", "available")
    assert (lab.first.granted(), lab.export(volume_id)) == ({}, None)


def test_failure_on_a_volume_in_error(lab: Lab) -> None:
    """When somebody has set the volume to error meanwhile it stays so, and the operation ends."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    ask(lab, attachment_id, dict(host(1)))
    lab.ask(reset_volume.reset, volume_id, status="error")
    lab.first.target.before["grant"] = fail
    lab.work()
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("error_attaching", "error")


def test_volume_that_cannot_be_connected(lab: Lab) -> None:
    """In error, or of another project."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    with pytest.raises(NotFound):
        lab.ask(connect_attachment.admit, STRANGER, attachment_id, host(1))
    lab.ask(reset_volume.reset, volume_id, status="error")
    with pytest.raises(Conflict, match="error"):
        ask(lab, attachment_id, dict(host(1)))


def test_volume_that_is_being_deleted(lab: Lab) -> None:
    """A broken attachment is not connected again once its volume is on its way out."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    lab.first.target.before["grant"] = fail
    lab.connect(attachment_id, 1)
    lab.ask(delete_volume.admit, TENANT, volume_id)
    with pytest.raises(Conflict, match="deleting"):
        ask(lab, attachment_id, dict(host(1)))
    lab.work()
    assert (lab.status(volume_id), lab.status(attachment_id)) == ("gone", "gone")


def test_second_host(lab: Lab) -> None:
    """Two hosts share a volume for the migration of one instance, or where the type allows it."""
    volume_id = lab.create()
    lab.attach(volume_id, 1, "i")
    lab.attach(volume_id, 2, "i")
    assert lab.first.granted() == {f"volume-{volume_id}": {"1", "2"}}
    both = shared(lab)
    lab.attach(both, 3, "i")
    lab.attach(both, 4, "j")
    assert lab.first.granted()[f"volume-{both}"] == {"3", "4"}


def test_second_host_without_an_instance(lab: Lab) -> None:
    """A volume that is connected is not exported to a host whose instance nobody knows."""
    volume_id = lab.create()
    lab.attach(volume_id, 1, "i")
    lab.ask(reset_volume.reset, volume_id, status="available")
    attachment_id = lab.reserve(volume_id, None)
    with pytest.raises(Conflict, match="connected already"):
        ask(lab, attachment_id, dict(host(2)))
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}
