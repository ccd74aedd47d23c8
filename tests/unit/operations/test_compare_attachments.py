"""Ghosts are attachments that neither a login nor the compute service knows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from lapilli.db.schema import attachments
from lapilli.model.errors import Unavailable
from lapilli.operations import compare_attachments
from lapilli.operations.desks import VolumeDesk
from tests.http.target import MemoryTarget
from tests.unit.operations.lab import Lab

HOST = "iqn.2026-01.org.example:1"


class Watched(MemoryTarget):
    """A target that shows who is logged in: whoever is in `online`."""

    def __init__(self) -> None:
        super().__init__()
        self.online: set[str] | None = set()

    def sessions(self, name: str) -> Sequence[str] | None:
        del name
        return None if self.online is None else sorted(self.online)


class Servers:
    """A compute service with one answer, or none."""

    def __init__(self, answer: bool | None) -> None:
        self._answer = answer

    def lists_attachment(self, server_id: str, attachment_id: str) -> bool:
        del server_id, attachment_id
        if self._answer is None:
            raise Unavailable("Nova does not answer.")
        return self._answer

    def tell(self, event: str, volume_id: str, server_ids: Sequence[str]) -> bool:
        raise AssertionError


def ghosts(desk: VolumeDesk) -> list[str]:
    return [each.kind for each in compare_attachments.findings(desk)]


@pytest.mark.parametrize(
    ("online", "answer", "is_ghost"),
    [
        ({HOST}, False, False),
        (set(), False, True),
        (set(), True, False),
        (set(), None, False),
        ({"iqn.2026-01.org.example:2"}, False, True),
        ({HOST.upper()}, False, False),
        (None, False, False),
    ],
)
def test_a_ghost_has_neither_a_login_nor_a_server(
    lab: Lab, online: set[str] | None, answer: bool | None, is_ghost: bool
) -> None:
    """Either of them is enough; where the compute service or the target says nothing, it may have it."""
    lab.first.memory = lab.first.target.plugin = Watched()
    lab.first.memory.online = online
    attachment_id = lab.attach(lab.create(12), 1)
    desk = replace(lab.first.desk, servers=Servers(answer))
    found = list(compare_attachments.findings(desk))
    assert [each.kind for each in found] == (["ghost-attachment"] if is_ghost else [])
    assert all(attachment_id in each.what and not each.can_fix for each in found)


def test_without_a_compute_service_the_login_decides(lab: Lab) -> None:
    """And without a target that shows logins nobody is called a ghost; nor is one that is only reserved."""
    lab.attach(lab.create(12), 1)
    lab.reserve(lab.create(3))
    assert ghosts(lab.first.desk) == []
    watched = Watched()
    watched.granted = lab.first.memory.granted
    lab.first.target.plugin = watched
    assert ghosts(lab.first.desk) == ["ghost-attachment"]
    watched.online = {HOST}
    assert ghosts(lab.first.desk) == []
    watched.granted.clear()
    watched.online = set()
    assert ghosts(lab.first.desk) == []  # its target is missing, which is told as that


@pytest.mark.parametrize(
    ("instance_id", "answer", "kind"),
    [
        ("i", False, "forgotten-reservation"),
        (None, True, "forgotten-reservation"),
        ("i", True, "waiting-reservation"),
        ("i", None, "waiting-reservation"),
    ],
)
def test_a_reservation_that_nobody_connects(lab: Lab, instance_id: str | None, answer: bool | None, kind: str) -> None:
    """It is told after an hour: as a problem, unless its server may have it and be shelved."""
    volume_id = lab.create(12)
    attachment_id = lab.reserve(volume_id, instance_id)
    desk = replace(lab.first.desk, servers=Servers(answer))
    assert ghosts(desk) == []
    reserved_at(lab, timedelta(minutes=59))
    assert ghosts(desk) == []
    reserved_at(lab, timedelta(minutes=61))
    (found,) = compare_attachments.findings(desk)
    assert (found.kind, found.is_problem, found.can_fix) == (kind, kind == "forgotten-reservation", False)
    for told in (attachment_id, volume_id, instance_id or "no server"):
        assert told in found.what
    assert list(compare_attachments.findings(lab.second.desk)) == []


def test_a_connected_one_is_no_reservation(lab: Lab) -> None:
    """However old it is."""
    lab.attach(lab.create(12), 1)
    reserved_at(lab, timedelta(days=100))
    assert ghosts(lab.first.desk) == []


def reserved_at(lab: Lab, ago: timedelta) -> None:
    """All attachments were made so long ago."""
    then = (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S.%f")
    lab.db.write(lambda tx: tx.execute(update(attachments).values(created_at=then)))
