"""Making the targets what the attachments say."""

import pytest

from lapilli.db import attachments
from lapilli.model.errors import BackendFailed
from lapilli.operations import restore_exports
from tests.unit.operations.lab import Lab, fail


def test_target_that_has_lost_everything(lab: Lab) -> None:
    """All hosts may log in again where they could, and nobody else."""
    first = lab.create(volume_type=lab.type("shared", multiattach="<is> True"))
    for number in (1, 2):
        lab.attach(first, number, str(number))
    second = lab.create(12)
    lab.attach(second, 3)
    lab.reserve(lab.create())
    before = lab.first.granted() | lab.second.granted()
    assert before == {f"volume-{first}": {"1", "2"}, f"volume-{second}": {"3"}}
    for backend in lab.backends:
        backend.memory.granted.clear()
    assert sum(restore_exports.run(backend.desk) for backend in lab.backends) == 3
    assert lab.first.granted() | lab.second.granted() == before
    lab.check()


def test_nothing_lost(lab: Lab) -> None:
    """Doing it again changes nothing."""
    volume_id = lab.create()
    lab.attach(volume_id)
    for _ in range(2):
        assert restore_exports.run(lab.first.desk) == 1
    assert lab.first.granted() == {f"volume-{volume_id}": {"1"}}


def test_one_volume_is_lost(lab: Lab) -> None:
    """The others are exported again all the same, and the fault is told."""

    def fail_once() -> None:
        del lab.first.target.before["export"]
        fail()

    for number in (1, 2):
        lab.attach(lab.create(), number)
    lab.first.memory.granted.clear()
    lab.first.target.before["export"] = fail_once
    with pytest.raises(BackendFailed, match="1 of 2 attachments"):
        restore_exports.run(lab.first.desk)
    assert list(lab.first.granted().values()) == [{"2"}]


def test_detached_meanwhile(lab: Lab) -> None:
    """An attachment that has gone since the list was read is not exported again."""
    attachment_id = lab.attach(lab.create())
    (row,) = lab.see(attachments.exported_by, lab.first.service)
    lab.detach(attachment_id)
    restore_exports.restore(lab.first.desk, row)
    assert lab.first.granted() == {}


def test_being_detached(lab: Lab) -> None:
    """An attachment on its way out is left to its operation."""
    attachment_id = lab.attach(lab.create())
    lab.begin_detach(attachment_id)
    lab.first.memory.granted.clear()
    assert restore_exports.run(lab.first.desk) == 0
    lab.work()
    assert (lab.status(attachment_id), lab.first.granted()) == ("gone", {})
