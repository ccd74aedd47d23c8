"""Detaching: alone, beside others, at the same time as others, and when the target does not do its work."""

import pytest

from lapilli.model.errors import Conflict, NotFound
from lapilli.operations import attach_volume, disconnect_attachment, reset_volume
from tests.unit.operations.lab import STRANGER, TENANT, Lab, fail


def shared(lab: Lab) -> str:
    return lab.create(volume_type=lab.type("shared", multiattach="<is> True"))


def assert_detached(lab: Lab, volume_id: str) -> None:
    row = lab.volume(volume_id)
    assert (row.status, row.attach_status, row.admin_metadata) == ("available", "detached", {})
    assert (lab.export(volume_id), lab.first.granted()) == (None, {})


def test_detach(lab: Lab) -> None:
    """The host is let in no more, and the volume is available."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.begin_detach(attachment_id)
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("detaching", "in-use")
    lab.work()
    assert lab.status(attachment_id) == "gone"
    assert_detached(lab, volume_id)


def test_detaching_again(lab: Lab) -> None:
    """A second call waits for the first, and finds nothing afterwards; strangers never find anything."""
    attachment_id = lab.attach(lab.create())
    with pytest.raises(NotFound):
        lab.ask(disconnect_attachment.admit, STRANGER, attachment_id)
    lab.begin_detach(attachment_id)
    with pytest.raises(Conflict, match="Another operation"):
        lab.begin_detach(attachment_id)
    lab.work()
    with pytest.raises(NotFound):
        lab.begin_detach(attachment_id)


def test_without_a_connector(lab: Lab) -> None:
    """A reservation ends at once."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    assert lab.begin_detach(attachment_id) is None
    assert lab.status(attachment_id) == "gone"
    assert_detached(lab, volume_id)


def test_beside_another(lab: Lab) -> None:
    """The export stays for the other host; a second attachment of the same host keeps its right to log in."""
    volume_id = shared(lab)
    first, second, third = (lab.attach(volume_id, number, str(number)) for number in (1, 2, 2))
    lab.detach(first)
    assert (lab.first.granted(), lab.status(volume_id)) == ({f"volume-{volume_id}": {"2"}}, "in-use")
    lab.detach(second)
    assert lab.first.granted() == {f"volume-{volume_id}": {"2"}}
    lab.detach(third)
    assert_detached(lab, volume_id)


def test_two_at_the_same_time(lab: Lab) -> None:
    """Both asked for before either is worked off leave no export."""
    volume_id = shared(lab)
    both = [lab.attach(volume_id, number, str(number)) for number in (1, 2)]
    for attachment_id in both:
        lab.begin_detach(attachment_id)
    lab.work()
    assert [lab.status(attachment_id) for attachment_id in both] == ["gone", "gone"]
    assert_detached(lab, volume_id)


def test_second_while_the_first_is_worked_on(lab: Lab) -> None:
    """A detach that is admitted after the other's work and before its record still finds the export, and ends it."""

    def begin_detach() -> None:
        lab.first.target.before.clear()
        lab.begin_detach(second)

    volume_id = shared(lab)
    first, second = (lab.attach(volume_id, number, str(number)) for number in (1, 2))
    lab.first.target.before["revoke"] = begin_detach
    lab.detach(first)
    assert (lab.status(first), lab.status(second)) == ("gone", "gone")
    assert_detached(lab, volume_id)


def test_reservation_ends_while_another_is_detached(lab: Lab) -> None:
    """The export's row stays for the operation that has to end the export."""
    volume_id = shared(lab)
    first, reserved = lab.attach(volume_id, 1, "i"), lab.reserve(volume_id, "j")
    lab.begin_detach(first)
    lab.begin_detach(reserved)
    assert lab.export(volume_id) is not None
    lab.work()
    assert_detached(lab, volume_id)


def test_attached_anew_while_it_is_detached(lab: Lab) -> None:
    """An attachment that is admitted before the record of the last detach keeps its export."""

    def attach() -> None:
        lab.first.target.before.clear()
        lab.begin_connect(second, 2)

    volume_id = shared(lab)
    first, second = lab.attach(volume_id, 1, "i"), lab.reserve(volume_id, "j")
    lab.first.target.before["unexport"] = attach
    lab.detach(first)
    assert (lab.status(first), lab.status(second), lab.status(volume_id)) == ("gone", "attaching", "attaching")
    assert lab.first.granted() == {f"volume-{volume_id}": {"2"}}


def test_fault_of_the_target(lab: Lab) -> None:
    """The attachment is in error with its host still let in, until it is detached again."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.first.target.before["unexport"] = fail
    lab.detach(attachment_id)
    assert lab.status(attachment_id) == "error_detaching"
    assert (lab.volume(volume_id).status, lab.volume(volume_id).attach_status) == ("in-use", "attached")
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}
    with pytest.raises(Conflict, match="in-use"):
        lab.reserve(volume_id, "another")
    lab.first.target.before.clear()
    lab.detach(attachment_id)
    assert lab.status(attachment_id) == "gone"
    assert_detached(lab, volume_id)


@pytest.mark.parametrize("is_connected", [False, True])
@pytest.mark.parametrize("status", ["error", "maintenance"])
def test_volume_in_a_status_set_by_hand(lab: Lab, status: str, is_connected: bool) -> None:
    """The attachment ends all the same, and the volume keeps its status."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id) if is_connected else lab.reserve(volume_id)
    lab.ask(reset_volume.reset, volume_id, status=status)
    lab.detach(attachment_id)
    row = lab.volume(volume_id)
    assert (lab.status(attachment_id), row.status, row.attach_status) == ("gone", status, "detached")
    assert lab.first.granted() == {}


@pytest.mark.parametrize("is_connected", [False, True])
def test_detached_by_force(lab: Lab, is_connected: bool) -> None:
    """A volume in error follows its attachments again, as soon as the first is taken from it."""
    volume_id = lab.create(volume_type=lab.type("shared", multiattach="<is> True"))
    second = lab.attach(volume_id, 2, "j")
    first = lab.attach(volume_id, 1, "i") if is_connected else lab.reserve(volume_id, "i")
    lab.ask(reset_volume.reset, volume_id, status="error")
    lab.ask(disconnect_attachment.admit, TENANT, first, is_forced=True)
    lab.work()
    assert (lab.status(first), lab.status(volume_id)) == ("gone", "in-use")
    lab.ask(reset_volume.reset, volume_id, status="error")
    lab.ask(disconnect_attachment.admit, TENANT, second, is_forced=True)
    lab.work()
    assert (lab.status(second), lab.status(volume_id)) == ("gone", "available")
    assert_detached(lab, volume_id)


def test_failed_detach_by_force(lab: Lab) -> None:
    """The volume does not look free while its host may have it; detached again, it is."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.ask(reset_volume.reset, volume_id, status="error")
    lab.first.target.before["unexport"] = fail
    lab.ask(disconnect_attachment.admit, TENANT, attachment_id, is_forced=True)
    lab.work()
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("error_detaching", "in-use")
    lab.first.target.before.clear()
    lab.detach(attachment_id)
    assert_detached(lab, volume_id)


def test_failed_detach_as_nova_does_it(lab: Lab) -> None:
    """The volume is in use again, so that the server's owner can detach it once more."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.ask(attach_volume.begin_detaching, TENANT, volume_id)
    lab.first.target.before["unexport"] = fail
    lab.detach(attachment_id)
    lab.ask(attach_volume.roll_detaching, TENANT, volume_id)
    assert lab.status(volume_id) == "in-use"
    lab.first.target.before.clear()
    lab.ask(attach_volume.begin_detaching, TENANT, volume_id)
    lab.detach(attachment_id)
    assert_detached(lab, volume_id)


def test_failed_detach_beside_a_reservation(lab: Lab) -> None:
    """It outlasts a reservation that ends, and one that could not be connected does not count."""
    volume_id = shared(lab)
    first, reserved = lab.attach(volume_id, 1, "i"), lab.reserve(volume_id, "j")
    lab.first.target.before["unexport"] = lab.first.target.before["revoke"] = fail
    lab.detach(first)
    assert lab.status(volume_id) == "in-use"
    lab.detach(reserved)
    assert lab.status(volume_id) == "in-use"


def test_failed_detach_of_a_volume_in_error(lab: Lab) -> None:
    """Its failure ends too."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.ask(reset_volume.reset, volume_id, status="error")
    lab.first.target.before["unexport"] = fail
    lab.detach(attachment_id)
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("error_detaching", "error")
