"""The steps of an attachment that only change rows."""

from typing import Any

import pytest

from lapilli.db import volumes
from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.operations import attach_volume, reset_volume
from tests.unit.operations.lab import STRANGER, TENANT, Lab, host


def statuses(lab: Lab, volume_id: str) -> tuple[str, str]:
    row = lab.volume(volume_id)
    return row.status, row.attach_status


def shared(lab: Lab) -> str:
    return lab.create(volume_type=lab.type("shared", multiattach="<is> True"))


def mark_read_only(lab: Lab, volume_id: str, value: str) -> None:
    lab.db.write(lambda tx: volumes.change(tx, volume_id, admin_metadata={"readonly": value}))


def test_reserve_and_complete(lab: Lab) -> None:
    """The volume follows its attachment: reserved, attaching, in use."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    assert statuses(lab, volume_id) == ("reserved", "reserved")
    lab.connect(attachment_id, 1)
    assert statuses(lab, volume_id) == ("attaching", "attaching")
    lab.ask(attach_volume.complete, TENANT, attachment_id)
    assert statuses(lab, volume_id) == ("in-use", "attached")
    row = lab.attachment(attachment_id)
    assert (row.status, row.attach_mode, row.attached_at is None) == ("attached", "rw", False)


def test_second_attachment(lab: Lab) -> None:
    """A volume is reserved once, unless for the same instance or for a type that allows more."""
    volume_id = lab.create()
    lab.reserve(volume_id, "i")
    for instance_id in ("j", None):
        with pytest.raises(Conflict, match="reserved"):
            lab.reserve(volume_id, instance_id)
    lab.reserve(volume_id, "i")
    both = shared(lab)
    lab.attach(both, 1, "i")
    lab.reserve(both, "j")
    assert lab.status(both) == "in-use"


def test_unattachable(lab: Lab) -> None:
    """A volume in error is not reserved, nor one of another project."""
    with pytest.raises(Conflict, match="error"):
        lab.reserve(lab.create(500))
    with pytest.raises(NotFound):
        lab.ask(attach_volume.reserve, STRANGER, lab.create(), instance_id=None, mode=None)


def test_read_only(lab: Lab) -> None:
    """A volume with the key is attached read-only, whatever was asked for."""
    volume_id = lab.create()
    mark_read_only(lab, volume_id, "False")
    attachment_id = lab.ask(attach_volume.reserve, TENANT, volume_id, instance_id="i", mode="rw")
    assert lab.attachment(attachment_id).attach_mode == "ro"


def test_complete_twice(lab: Lab) -> None:
    """Completing again changes nothing; a failed attachment cannot be completed."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.ask(attach_volume.complete, TENANT, attachment_id)
    assert statuses(lab, volume_id) == ("in-use", "attached")
    lab.begin_detach(attachment_id)
    with pytest.raises(Conflict, match="detaching"):
        lab.ask(attach_volume.complete, TENANT, attachment_id)


def test_complete_on_a_volume_in_error(lab: Lab) -> None:
    """It is refused, and the attachment is as it was."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    lab.ask(reset_volume.reset, volume_id, status="error")
    with pytest.raises(Conflict, match="error"):
        lab.ask(attach_volume.complete, TENANT, attachment_id)
    assert lab.status(attachment_id) == "reserved"


def test_os_reserve(lab: Lab) -> None:
    """`os-reserve` and its undoing, also on a shared volume that is in use."""
    volume_id = lab.create()
    lab.ask(attach_volume.reserve_volume, TENANT, volume_id)
    assert lab.status(volume_id) == "attaching"
    with pytest.raises(Conflict):
        lab.ask(attach_volume.reserve_volume, TENANT, volume_id)
    for _ in range(2):
        lab.ask(attach_volume.unreserve_volume, TENANT, volume_id)
        assert lab.status(volume_id) == "available"
    lab.attach(volume_id)
    with pytest.raises(Conflict, match="in-use"):
        lab.ask(attach_volume.reserve_volume, TENANT, volume_id)
    both = shared(lab)
    lab.attach(both)
    lab.ask(attach_volume.reserve_volume, TENANT, both)
    lab.ask(attach_volume.unreserve_volume, TENANT, both)
    assert lab.status(both) == "in-use"


def test_os_begin_detaching(lab: Lab) -> None:
    """`os-begin_detaching` and its undoing."""
    volume_id = lab.create()
    with pytest.raises(Conflict, match="not attached"):
        lab.ask(attach_volume.begin_detaching, TENANT, volume_id)
    lab.attach(volume_id)
    lab.ask(attach_volume.begin_detaching, TENANT, volume_id)
    assert lab.status(volume_id) == "detaching"
    for _ in range(2):
        lab.ask(attach_volume.roll_detaching, TENANT, volume_id)
        assert lab.status(volume_id) == "in-use"


def test_os_attach(lab: Lab) -> None:
    """A client that has connected the volume itself makes it in use; again is nothing new, another is refused."""
    volume_id = lab.create()
    wish: dict[str, Any] = {"mountpoint": "/dev/vdb", "instance_uuid": "i"}
    lab.ask(attach_volume.attach, TENANT, volume_id, wish)
    assert statuses(lab, volume_id) == ("in-use", "attached")
    assert lab.volume(volume_id).admin_metadata == {"readonly": "False", "attached_mode": "rw"}
    lab.ask(attach_volume.attach, TENANT, volume_id, wish)
    with pytest.raises(Conflict, match="in-use"):
        lab.ask(attach_volume.attach, TENANT, volume_id, {**wish, "instance_uuid": "other"})


def test_os_attach_claims_what_was_connected(lab: Lab) -> None:
    """The attachment that `os-initialize_connection` made is the one that is completed."""
    volume_id = lab.create()
    attachment_id, is_new = lab.ask(
        lambda tx: attach_volume.reserve_connection(tx, volumes.lock(tx, volume_id, None), host(1))
    )
    assert is_new
    lab.connect(attachment_id, 1)
    again = lab.ask(lambda tx: attach_volume.reserve_connection(tx, volumes.lock(tx, volume_id, None), host(1)))
    assert again == (attachment_id, False)
    lab.ask(attach_volume.attach, TENANT, volume_id, {"mountpoint": "/dev/vdb", "instance_uuid": "i"})
    row = lab.attachment(attachment_id)
    assert (row.status, row.instance_id, row.mountpoint) == ("attached", "i", "/dev/vdb")
    lab.detach(attachment_id)
    assert (statuses(lab, volume_id), lab.first.granted()) == (("available", "detached"), {})


def test_os_attach_read_only(lab: Lab) -> None:
    """A read-only volume is attached with that mode only."""
    volume_id = lab.create()
    mark_read_only(lab, volume_id, "True")
    with pytest.raises(Malformed, match="mode ro"):
        lab.ask(attach_volume.attach, TENANT, volume_id, {"mountpoint": "/dev/vdb"})
    lab.ask(attach_volume.attach, TENANT, volume_id, {"mountpoint": "/dev/vdb", "mode": "ro"})
    assert lab.volume(volume_id).admin_metadata == {"readonly": "True", "attached_mode": "ro"}


@pytest.mark.parametrize("status", ["maintenance", "error"])
def test_os_attach_of_a_volume_out_of_service(lab: Lab, status: str) -> None:
    """Neither under maintenance nor in error is a volume attached."""
    volume_id = lab.create()
    lab.ask(reset_volume.reset, volume_id, status=status)
    with pytest.raises(Conflict):
        lab.ask(attach_volume.attach, TENANT, volume_id, {"mountpoint": "/dev/vdb"})
    assert lab.status(volume_id) == status
