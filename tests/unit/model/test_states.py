"""The state tables as data: what holds for every one of them."""

import pytest

from lapilli.model.states import GONE, TABLES, VOLUME, States, volume_status_after

_HARMLESS = {"uploading", "backing-up", "retyping", "restoring"}
"""What is only read, or put back as it was: a failure leaves the resource where a success does."""


def _statuses(table: States) -> set[str]:
    return {status for move in table.moves.values() for status in move.frm | move.to} - {GONE}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_every_status_can_be_reached_and_left(table: States) -> None:
    """No status is a dead end, except for the settled ones that wait for an administrator's word."""
    reached = {status for move in table.moves.values() for status in move.to}
    left = {status for move in table.moves.values() for status in move.frm}
    assert left - reached <= table.settable
    assert reached - left - {GONE} == set()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_a_transient_status_can_fail(table: States) -> None:
    """What is being worked on leads to an end, and to a failure that can be told from it."""
    for status in (table.transient & _statuses(table)) - _HARMLESS:
        events = [event for event, move in table.moves.items() if status in move.frm]
        assert any(event.endswith(("failed", "refused")) for event in events), status
        assert any(not event.endswith(("failed", "refused")) for event in events), status


@pytest.mark.parametrize(
    ("attached", "expected"),
    [
        ([], ("available", "detached")),
        (["reserved"], ("reserved", "reserved")),
        (["attached"], ("in-use", "attached")),
        (["reserved", "attached"], ("in-use", "attached")),
        (["detaching", "attaching"], ("attaching", "attaching")),
        (["error_attaching"], ("available", "detached")),
        (["error_attaching", "attached"], ("in-use", "attached")),
        (["error_detaching"], ("in-use", "attached")),
        (["error_detaching", "error_attaching", "attaching"], ("in-use", "attached")),
    ],
)
def test_a_volume_follows_its_attachments(attached: list[str], expected: tuple[str, str]) -> None:
    """The strongest of the attachments that work, or whose host may still have the volume, decides."""
    assert volume_status_after(attached) == expected


def test_what_an_operation_works_on_is_not_at_rest() -> None:
    """Deleting, extending and creating are never statuses that somebody may attach from."""
    assert not VOLUME.transient & VOLUME.moves["reserve"].frm
