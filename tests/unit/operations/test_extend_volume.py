"""Growing volumes, attached and not, and what is as before when they do not grow."""

from typing import Any

import pytest

from lapilli.db import quotas
from lapilli.model.errors import Conflict, Malformed, QuotaExceeded, Refused
from lapilli.operations import create_volume, delete_volume, extend_volume
from lapilli.operations.admission import Rules
from lapilli.operations.create_volume import Wish
from lapilli.work import administration
from tests.unit.operations.lab import RULES, TENANT, Lab, fail


def extend(lab: Lab, volume_id: str, size_gib: int, *, online: bool = False, rules: Rules = RULES) -> None:
    lab.ask(extend_volume.admit, TENANT, rules, volume_id, size_gib, online=online)


def facts(lab: Lab, volume_id: str) -> tuple[str, int, int]:
    row: Any = lab.volume(volume_id)
    assert row.status == "extending" or row.previous_status is None
    return row.status, row.size_gib, row.charged_gib


def test_offline(lab: Lab) -> None:
    """The file grows, the pool gives the difference, and the quota counts the new size from the start."""
    volume_id = lab.create(2)
    extend(lab, volume_id, 5)
    assert facts(lab, volume_id) == ("extending", 2, 5)
    assert lab.see(quotas.usage, "p")["gigabytes"] == 5
    lab.work()
    assert facts(lab, volume_id) == ("available", 5, 5)
    assert lab.first.size_gib(f"volume-{volume_id}") == 5
    assert lab.allocated(lab.first) == (5, 1)


def test_in_use(lab: Lab) -> None:
    """An attached volume grows only for callers who know how, and its initiators are told of the new size."""
    told: list[str] = []
    volume_id = lab.create(1)
    lab.attach(volume_id)
    with pytest.raises(Conflict, match="in-use"):
        extend(lab, volume_id, 2)
    lab.first.target.before["resized"] = lambda: told.append(volume_id)
    extend(lab, volume_id, 2, online=True)
    lab.work()
    assert (facts(lab, volume_id), told) == (("in-use", 2, 2), [volume_id])


def test_detached_while_it_grows(lab: Lab) -> None:
    """A volume whose attachment went meanwhile is available afterwards."""
    volume_id = lab.create(1)
    attachment_id = lab.attach(volume_id)
    extend(lab, volume_id, 2, online=True)
    lab.begin_detach(attachment_id)
    lab.work()
    assert facts(lab, volume_id) == ("available", 2, 2)
    assert (lab.status(attachment_id), lab.first.granted()) == ("gone", {})


@pytest.mark.parametrize("size_gib", [0, 1, 2])
def test_not_larger(lab: Lab, size_gib: int) -> None:
    """A size that is no growth is refused."""
    volume_id = lab.create(2)
    with pytest.raises(Malformed, match="present 2 GiB"):
        extend(lab, volume_id, size_gib)


def test_limits(lab: Lab) -> None:
    """Quota, the limit of one volume and that of its type hold for the new size."""
    volume_id = lab.create(2, volume_type=lab.type("bounded", provisioning__max_vol_size="6"))
    with pytest.raises(QuotaExceeded):
        extend(lab, volume_id, 5, rules=Rules(quota={"gigabytes": 4}))
    with pytest.raises(Refused):
        extend(lab, volume_id, 5, rules=Rules(quota={"per_volume_gigabytes": 4}))
    with pytest.raises(Malformed):
        extend(lab, volume_id, 7)
    assert facts(lab, volume_id) == ("available", 2, 2)


@pytest.mark.parametrize("is_attached", [False, True])
def test_no_space(lab: Lab, is_attached: bool) -> None:
    """Without space the volume is as it was, the quota too, and the decision says why."""
    volume_id = lab.create(2)
    if is_attached:
        lab.attach(volume_id)
    extend(lab, volume_id, 100, online=True)
    lab.work()
    assert facts(lab, volume_id) == ("in-use" if is_attached else "available", 2, 2)
    assert lab.allocated(lab.first) == (2, 1)
    assert lab.decisions(volume_id)[-1].chosen is None
    assert "node" not in lab.operation(volume_id).args["message"]


def test_fault_of_the_backend(lab: Lab) -> None:
    """The volume is in error with its old size, and the space for the growth is given back."""
    volume_id = lab.create(2)
    lab.first.driver.before["extend_volume"] = fail
    extend(lab, volume_id, 5)
    lab.work()
    assert facts(lab, volume_id) == ("error_extending", 2, 2)
    assert lab.allocated(lab.first) == (2, 1)
    lab.ask(delete_volume.admit, TENANT, volume_id)
    lab.work()
    assert lab.allocated(lab.first) == (0, 0)


def test_detach_after_a_fault_of_the_backend(lab: Lab) -> None:
    """A volume that failed to grow while it was attached can still be detached, and keeps its error."""
    volume_id = lab.create(2)
    attachment_id = lab.attach(volume_id)
    lab.first.driver.before["extend_volume"] = fail
    extend(lab, volume_id, 5, online=True)
    lab.work()
    lab.detach(attachment_id)
    assert (lab.status(attachment_id), facts(lab, volume_id)) == ("gone", ("error_extending", 2, 2))
    assert lab.first.granted() == {}


def test_waits_for_a_copy(lab: Lab) -> None:
    """A copy that was admitted before has the size that it was admitted with."""
    origin = lab.create(1)
    clone = lab.ask(create_volume.admit, TENANT, RULES, Wish(source_volid=origin))
    lab.round()  # the clone waits for its backend
    extend(lab, origin, 2)
    lab.work()
    assert (lab.volume(clone).size_gib, lab.volume(origin).size_gib) == (1, 2)
    assert lab.first.size_gib(f"volume-{clone}") == 1


def test_one_operation_at_a_time(lab: Lab) -> None:
    """A volume that grows cannot be deleted, extended again or be a source."""
    volume_id = lab.create()
    extend(lab, volume_id, 2)
    with pytest.raises(Conflict):
        extend(lab, volume_id, 3)
    for force in (False, True):
        with pytest.raises(Conflict):
            lab.ask(delete_volume.admit, TENANT, volume_id, force=force)


@pytest.mark.parametrize(("rounds", "status"), [(0, "available"), (1, "error_extending")])
def test_cancel(lab: Lab, rounds: int, status: str) -> None:
    """Before the space was reserved nothing has happened; afterwards it is given back."""
    volume_id = lab.create(2)
    extend(lab, volume_id, 5)
    for _ in range(rounds):
        lab.round()
    lab.ask(administration.cancel, lab.operation(volume_id).id)
    lab.work()
    assert facts(lab, volume_id) == (status, 2, 2)
    assert lab.allocated(lab.first) == (2, 1)
