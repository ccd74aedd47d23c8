"""Replication of groups: what keeps a group from it is said."""

import pytest

from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.operations import replicate_group
from tests.unit.operations import group_lab as g
from tests.unit.operations.lab import STRANGER, TENANT, Lab

ENABLED = "<is> True"


def test_reasons(lab: Lab) -> None:
    """The group's type, the type of its volumes, and at last the storage."""
    replicated = lab.type("replicated", replication_enabled=ENABLED)
    plain = g.begin_group(lab)
    wanted = g.begin_group(lab, specs={"group_replication_enabled": ENABLED})
    full = g.begin_group(lab, [replicated], specs={"group_replication_enabled": ENABLED})
    for group_id, error, why in (
        (plain, Malformed, "type of group"),
        (wanted, Malformed, "replication_enabled='<is> True'"),
        (full, Conflict, "storage of group"),
    ):
        with pytest.raises(error, match=why):
            lab.see(replicate_group.refuse, TENANT, group_id)
    with pytest.raises(NotFound):
        lab.see(replicate_group.refuse, STRANGER, plain)
