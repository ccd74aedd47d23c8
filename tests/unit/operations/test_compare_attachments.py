"""Ghosts are attachments that neither a login nor the compute service knows."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

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
        self.online: set[str] = set()

    def sessions(self, name: str) -> Sequence[str]:
        del name
        return sorted(self.online)


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
    ],
)
def test_a_ghost_has_neither_a_login_nor_a_server(
    lab: Lab, online: set[str], answer: bool | None, is_ghost: bool
) -> None:
    """Either of them is enough; where the compute service says nothing, it may have it."""
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
    watched.online.clear()
    assert ghosts(lab.first.desk) == []  # its target is missing, which is told as that
