"""Targets are compared with attachments; what is safe is put right, and nothing else is touched."""

import uuid
from collections.abc import Sequence

import pytest
from sqlalchemy import delete

from lapilli.db import attachments, schema
from lapilli.model.values import Export
from lapilli.operations import compare_targets, repair_targets
from tests.http.target import MemoryTarget
from tests.unit.operations.lab import Backend, Lab, fail


class Watched(MemoryTarget):
    """A target that shows who is logged in: the initiators in `online`, or None if it cannot."""

    def __init__(self) -> None:
        super().__init__()
        self.online: set[str] | None = set()

    def sessions(self, name: str) -> Sequence[str] | None:
        return None if self.online is None else sorted(self.granted.get(name, set()) & self.online)


@pytest.fixture
def backend(lab: Lab) -> Backend:
    """The lab's first backend, with a target that shows its sessions."""
    lab.first.memory = lab.first.target.plugin = Watched()
    return lab.first


def make_stray(lab: Lab, backend: Backend, number: int = 1) -> str:
    """The volume of a target whose attachment has been forgotten; its host may be logged in still."""
    volume_id = lab.create(12)
    lab.attach(volume_id, number)
    lab.db.write(lambda tx: attachments.delete_export(tx, volume_id))
    lab.db.write(lambda tx: tx.execute(delete(schema.attachments)))
    return volume_id


def kinds(backend: Backend) -> list[tuple[str, bool, bool]]:
    return [(each.kind, each.is_problem, each.can_fix) for each in compare_targets.findings(backend.desk)]


def test_what_is_right_is_not_found(lab: Lab, backend: Backend) -> None:
    """Attached, reserved and detached volumes, and nothing is done to them."""
    lab.attach(lab.create(12), 1)
    lab.reserve(lab.create(1))
    lab.detach(lab.attach(lab.create(1), 2))
    before = backend.granted()
    assert before
    assert kinds(backend) == []
    assert compare_targets.repair(backend.desk) == []
    assert backend.granted() == before


def test_a_target_that_is_missing_is_made_again(lab: Lab, backend: Backend) -> None:
    """With all who may log in."""
    volume_id = lab.create(12)
    lab.attach(volume_id, 1)
    backend.memory.granted.clear()
    assert kinds(backend) == [("missing-export", True, True)]
    assert compare_targets.repair(backend.desk) == [f"Volume {volume_id} has its target again."]
    assert backend.granted() == {f"volume-{volume_id}": {"1"}}
    assert kinds(backend) == []


def test_a_target_that_cannot_be_made_is_told(lab: Lab, backend: Backend) -> None:
    """The others are made all the same."""
    lost, found = lab.create(8), lab.create(3)
    for number, volume_id in enumerate((lost, found)):
        lab.attach(volume_id, number)
    backend.memory.granted.clear()

    def fail_once() -> None:
        del backend.target.before["export"]
        fail()

    backend.target.before["export"] = fail_once
    (failed, made) = compare_targets.repair(backend.desk)
    assert "could not be made again: the disk is gone" in failed
    assert made == f"Volume {found} has its target again."


def test_a_stray_goes(lab: Lab, backend: Backend) -> None:
    """A target of a volume of ours that no attachment needs, and nobody is logged in to."""
    volume_id = make_stray(lab, backend)
    assert kinds(backend) == [("stale-target", True, True)]
    assert compare_targets.repair(backend.desk) == [f"Target iqn.2010-10.org.openstack:volume-{volume_id} is gone."]
    assert backend.granted() == {}


def test_a_stray_in_use_stays(lab: Lab, backend: Backend) -> None:
    """A host that is logged in may be writing."""
    make_stray(lab, backend)
    backend.memory.online = {"iqn.2026-01.org.example:1"}
    assert kinds(backend) == [("stale-target", True, False)]
    assert "iqn.2026-01.org.example:1 is logged in" in compare_targets.findings(backend.desk)[0].what
    before = backend.granted()
    assert compare_targets.repair(backend.desk) == []
    assert backend.granted() == before


def test_a_stray_stays_where_sessions_cannot_be_seen(lab: Lab) -> None:
    """Somebody may be logged in."""
    make_stray(lab, lab.first)
    (found,) = compare_targets.findings(lab.first.desk)
    assert (found.kind, found.is_problem, found.can_fix) == ("stale-target", True, False)
    assert "is not known" in found.what
    assert "--fix" not in found.remedy
    assert compare_targets.repair(lab.first.desk) == []
    assert lab.first.granted()


def test_a_stray_stays_where_this_machine_does_not_say(lab: Lab, backend: Backend) -> None:
    """A target may be able to tell of sessions elsewhere, and not here."""
    make_stray(lab, backend)
    backend.memory.online = None
    assert kinds(backend) == [("stale-target", True, False)]
    assert compare_targets.repair(backend.desk) == []
    assert backend.granted()


def test_targets_of_others_are_left_alone(backend: Backend) -> None:
    """Another service's volume is a notice; what is not named as a volume's is not even looked at."""
    foreign = str(uuid.uuid4())
    for name in (f"volume-{foreign}", "disk-1"):
        backend.memory.export(Export(foreign, f"iqn.2010-10.org.openstack:{name}", 1, "/x", 1, "u", "p"))
    assert kinds(backend) == [("foreign-target", False, False)]
    assert compare_targets.repair(backend.desk) == []
    assert set(backend.granted()) == {f"volume-{foreign}", "disk-1"}


def test_names_in_small_letters_are_the_same(lab: Lab, backend: Backend) -> None:
    """Some kernels write all names so."""
    volume_id = lab.create(12)
    lab.attach(volume_id, 1)
    backend.memory.granted = {name.lower(): who for name, who in backend.memory.granted.items()}
    object.__setattr__(backend.desk.names, "target_prefix", "iqn.2010-10.org.OpenStack:")
    assert kinds(backend) == []


@pytest.mark.parametrize("moment", ["attached", "detached"])
def test_what_changes_meanwhile_is_not_found(lab: Lab, backend: Backend, moment: str) -> None:
    """A volume that is attached or detached while the targets are looked at."""
    volume_id = lab.create(12)
    attachment_id = lab.attach(volume_id, 1) if moment == "detached" else lab.reserve(volume_id)

    def change() -> None:
        del backend.target.before["exports"]
        if moment == "detached":
            lab.detach(attachment_id)
        else:
            lab.connect(attachment_id, 1)

    backend.target.before["exports"] = change
    assert kinds(backend) == []


def test_attached_before_the_stray_goes(lab: Lab, backend: Backend) -> None:
    """A volume that gets an attachment after it was taken for a stray keeps its target."""
    volume_id = make_stray(lab, backend)

    def attach() -> None:
        del backend.target.before["sessions"]
        lab.db.write(lambda tx: attachments.ensure_export(tx, volume_id, "u", "p"))

    backend.target.before["sessions"] = attach
    stray = compare_targets.compare(backend.desk).strays
    assert [each.volume_id for each in stray] == [volume_id]
    assert compare_targets.findings(backend.desk)[0].kind == "stale-target"
    assert compare_targets.repair(backend.desk) == []
    assert set(backend.granted()) == {f"volume-{volume_id}"}


def test_the_service_repairs_when_it_is_asked(lab: Lab, backend: Backend) -> None:
    """As an operation of its queue, whose result says what was done; asked twice, the second has nothing to do."""
    volume_id = make_stray(lab, backend)
    for expected in ([f"Target iqn.2010-10.org.openstack:volume-{volume_id} is gone."], []):
        lab.ask(repair_targets.admit, backend.service)
        lab.work()
        operation = lab.operation(f"repair {backend.service}")
        assert (operation.outcome, operation.result) == ("done", expected)
    assert backend.granted() == {}
