"""Deleting volumes: what stands in the way, what goes along, and what a fault leaves."""

import pytest

from lapilli.db import services
from lapilli.model.errors import CommandFailed, Conflict, NotFound
from lapilli.model.messages import words
from lapilli.operations import create_volume, delete_volume, disconnect_attachment, reset_volume
from lapilli.operations.create_volume import Wish
from tests.unit.operations.lab import ADMIN, RULES, STRANGER, TENANT, Lab, fail

OF_THE_MACHINE = "/dev/storage"


def refuse() -> None:
    """As LVM's programs do."""
    raise CommandFailed(["lvremove", f"{OF_THE_MACHINE}/volume"], 5, "Logical volume is used by another device.")


def delete(lab: Lab, volume_id: str, *, cascade: bool = False, force: bool = False) -> None:
    lab.ask(delete_volume.admit, TENANT, volume_id, cascade=cascade, force=force)


def test_delete(lab: Lab) -> None:
    """The volume, its file and what it took of its pool are gone."""
    volume_id = lab.create(3)
    delete(lab, volume_id)
    assert lab.status(volume_id) == "deleting"
    lab.work()
    assert (lab.status(volume_id), lab.first.files(), lab.allocated(lab.first)) == ("gone", set(), (0, 0))


def test_deleting_again(lab: Lab) -> None:
    """Asking twice is no error while the volume is being deleted, and finds nothing afterwards."""
    volume_id = lab.create()
    delete(lab, volume_id)
    delete(lab, volume_id, force=True)
    lab.work()
    with pytest.raises(NotFound):
        delete(lab, volume_id)


def test_volume_of_another_project(lab: Lab) -> None:
    """Who cannot see the volume is told that there is none."""
    volume_id = lab.create()
    with pytest.raises(NotFound):
        lab.ask(delete_volume.admit, STRANGER, volume_id)


def test_snapshots_go_with_cascade_only(lab: Lab) -> None:
    """A volume with snapshots stays, unless they are to go along; their space goes back too."""
    volume_id = lab.create(2)
    lab.snapshot(volume_id)
    lab.snapshot(volume_id)
    with pytest.raises(Conflict, match="2 snapshots"):
        delete(lab, volume_id)
    assert lab.allocated(lab.first) == (6, 1)
    delete(lab, volume_id, cascade=True)
    lab.work()
    assert (lab.status(volume_id), lab.first.files(), lab.allocated(lab.first)) == ("gone", set(), (0, 0))


def test_cascade_with_snapshots_that_are_busy(lab: Lab) -> None:
    """A snapshot that is being made stops the cascade, and nothing has been changed."""
    volume_id = lab.create()
    snapshot_id = lab.begin_snapshot(volume_id)
    with pytest.raises(Conflict):
        delete(lab, volume_id, cascade=True)
    assert (lab.status(volume_id), lab.status(snapshot_id)) == ("available", "creating")


def test_cascade_with_snapshots_of_another_project(lab: Lab) -> None:
    """A tenant does not delete what an administrator's project owns; an administrator may."""
    volume_id = lab.create()
    lab.begin_snapshot(volume_id, caller=ADMIN)
    lab.work()
    with pytest.raises(Conflict, match="another project"):
        delete(lab, volume_id, cascade=True)
    lab.ask(delete_volume.admit, ADMIN, volume_id, cascade=True)
    lab.work()
    assert lab.status(volume_id) == "gone"


def test_attached(lab: Lab) -> None:
    """A volume with an attachment, be it only reserved, stays, also with force."""
    volume_id = lab.create()
    attachment_id = lab.reserve(volume_id)
    for force in (False, True):
        with pytest.raises(Conflict, match="attached"):
            delete(lab, volume_id, force=force)
    lab.connect(attachment_id, 1)
    with pytest.raises(Conflict, match="attached"):
        delete(lab, volume_id, force=True)
    assert lab.status(volume_id) == "attaching"


def test_frozen(lab: Lab) -> None:
    """A frozen backend loses nothing."""
    volume_id = lab.create()
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
    with pytest.raises(Conflict, match="frozen"):
        delete(lab, volume_id)


def test_broken_attachment_goes_along(lab: Lab) -> None:
    """What a failed detach left may be in use, and stays; by force it goes with the volume, the export first."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.first.target.before["unexport"] = fail
    lab.detach(attachment_id)
    assert lab.status(attachment_id) == "error_detaching"
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}
    with pytest.raises(Conflict, match="in-use"):
        delete(lab, volume_id)
    delete(lab, volume_id, force=True)
    lab.work()
    assert (lab.status(volume_id), lab.first.files()) == ("error_deleting", {f"volume-{volume_id}"})
    lab.first.target.before.clear()
    delete(lab, volume_id)
    with pytest.raises(Conflict, match="being deleted"):
        lab.begin_detach(attachment_id)
    lab.work()
    assert (lab.status(volume_id), lab.status(attachment_id)) == ("gone", "gone")
    assert (lab.first.granted(), lab.export(volume_id), lab.first.files()) == ({}, None, set())


def test_unplaced_volume_is_gone_at_once(lab: Lab) -> None:
    """Of a volume that fitted nowhere there is nothing but the row."""
    volume_id = lab.create(500)
    delete(lab, volume_id)
    assert lab.status(volume_id) == "gone"
    lab.work()


def test_volume_that_is_being_created(lab: Lab) -> None:
    """It stays until it is placed, also with force: its operation would find nothing."""
    volume_id = lab.ask(create_volume.admit, TENANT, RULES, Wish(size_gib=1))
    for force in (False, True):
        with pytest.raises(Conflict):
            delete(lab, volume_id, force=force)
    lab.round()
    assert lab.volume(volume_id).host is not None
    with pytest.raises(Conflict, match="Another operation"):
        delete(lab, volume_id, force=True)
    lab.work()
    assert lab.status(volume_id) == "available"


def test_force(lab: Lab) -> None:
    """Force deletes from statuses that otherwise do not allow it."""
    volume_id = lab.create()
    lab.ask(reset_volume.reset, volume_id, status="maintenance")
    with pytest.raises(Conflict, match="maintenance"):
        delete(lab, volume_id)
    delete(lab, volume_id, force=True)
    lab.work()
    assert (lab.status(volume_id), lab.allocated(lab.first)) == ("gone", (0, 0))


def test_fault_of_the_backend(lab: Lab) -> None:
    """Volume and snapshots are in error with their space still taken, and can be deleted once the backend works."""
    volume_id = lab.create()
    snapshot_id = lab.snapshot(volume_id)
    lab.first.driver.before["delete_volume"] = fail
    delete(lab, volume_id, cascade=True)
    lab.work()
    assert (lab.status(volume_id), lab.status(snapshot_id)) == ("error_deleting", "error_deleting")
    assert lab.allocated(lab.first) == (2, 1)
    assert lab.operation(volume_id).outcome == "failed"
    lab.first.driver.before.clear()
    delete(lab, volume_id, cascade=True)
    lab.work()
    assert (lab.status(volume_id), lab.first.files(), lab.allocated(lab.first)) == ("gone", set(), (0, 0))


def test_a_refusal_is_told(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """The user hears that the storage refused and what to do, and nothing of the machine; the operator hears why."""
    volume_id = lab.create()
    lab.first.driver.before["delete_volume"] = refuse
    delete(lab, volume_id)
    lab.work()
    (told,) = lab.complaints(volume_id)
    assert (told.event_id, told.project_id) == ("VOLUME_VOLUME_901_901", TENANT.project_id)
    said = words(told.action_id, told.detail_id)
    assert said.startswith("Deleting the volume:The storage refused")
    assert "delete it again" in said
    assert OF_THE_MACHINE in str(lab.operation(volume_id).error)
    (warning,) = [each for each in caplog.messages if "has failed" in each]
    assert volume_id in warning
    assert OF_THE_MACHINE in warning
    assert OF_THE_MACHINE not in said
    lab.first.driver.before.clear()
    delete(lab, volume_id)
    lab.work()
    assert (lab.status(volume_id), len(lab.complaints(volume_id))) == ("gone", 1)


def test_detach_from_a_volume_that_could_not_be_deleted(lab: Lab) -> None:
    """A broken attachment can still be ended, and the volume keeps its error."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.first.target.before["unexport"] = fail
    lab.detach(attachment_id)
    delete(lab, volume_id, force=True)
    lab.work()
    lab.first.target.before.clear()
    lab.ask(disconnect_attachment.admit, TENANT, attachment_id)
    lab.work()
    assert (lab.status(attachment_id), lab.status(volume_id)) == ("gone", "error_deleting")
    assert lab.first.granted() == {}
