"""Which device nodes are the service's: the names say it."""

import pwd

import pytest

from lapilli.machine.privileged import device_owner
from lapilli.model.errors import Malformed

NAMES = device_owner.patterns("volume-%s", "snapshot-%s", "_snapshot-%s")


@pytest.mark.parametrize(
    ("mapped", "group", "is_of"),
    [
        ("storage-volume--1--2", "storage", True),
        ("storage-_snapshot--1", "storage", True),
        ("my--storage-volume--1", "my-storage", True),
        ("storage-root", "storage", False),
        ("storage-volume--1-real", "storage", False),
        ("storage-volume--1-cow", "storage", False),
        ("storage--2-volume--1", "storage", False),
        ("storage2-volume--1", "storage", False),
        ("volume--1", "storage", False),
    ],
)
def test_names_of_nodes(mapped: str, group: str, is_of: bool) -> None:
    """Only volumes and snapshots of the group itself; not what LVM makes beneath them."""
    assert device_owner.is_of(mapped, group, NAMES) is is_of


def test_templates_cannot_say_more_than_names() -> None:
    """What udev or a shell would understand as something else stands for any one character."""
    assert device_owner.patterns('a"b*[%s]$') == ("a?b??*??",)
    assert device_owner.patterns("v-%s", "v-%s") == ("v-*",)


def test_groups_that_would_break_a_rule_are_refused() -> None:
    """A quote would end the rule's word."""
    with pytest.raises(Malformed):
        device_owner.hand_over(pwd.getpwuid(0), ['storage", RUN+="x'], NAMES)
