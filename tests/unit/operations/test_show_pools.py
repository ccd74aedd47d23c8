"""The pools that an administrator sees."""

from typing import Any

import pytest

from lapilli.db import pools, services
from lapilli.model.errors import NotFound
from lapilli.operations import show_pools
from tests.unit.operations.lab import Lab


def change(lab: Lab, **values: Any) -> None:
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, **values))


@pytest.mark.parametrize("values", [{"disabled": True}, {"frozen": True}, {"heartbeat_s": 0.0}])
def test_open_pools(lab: Lab, values: dict[str, Any]) -> None:
    """Pools of services that are disabled, frozen or silent are left out."""
    assert [row.name for row in lab.see(show_pools.open_pools, 60.0)] == [lab.first.pool, lab.second.pool]
    change(lab, **values)
    assert [row.name for row in lab.see(show_pools.open_pools, 60.0)] == [lab.second.pool]


def test_of_type(lab: Lab) -> None:
    """Pools that meet the type's extra specs; an unknown type is said to be so."""
    lab.type("second", volume_backend_name="second")
    rows = lab.see(pools.list_all)
    assert [row.name for row in lab.see(show_pools.of_type, rows, "second")] == [lab.second.pool]
    assert len(lab.see(show_pools.of_type, rows, "__DEFAULT__")) == 2
    with pytest.raises(NotFound, match="nothing"):
        lab.see(show_pools.of_type, rows, "nothing")


@pytest.mark.parametrize(
    ("wanted", "has"),
    [
        ({}, True),
        ({"name": "node@first#first"}, True),
        ({"volume_backend_name": "second"}, False),
        ({"multiattach": "Yes"}, True),
        ({"multiattach": "false"}, False),
        ({"total_capacity_gb": "20"}, True),
        ({"total_capacity_gb": "twenty"}, False),
        ({"protocols": "iSCSI"}, True),
        ({"protocols": "FC"}, False),
        ({"unheard_of": "None"}, False),
        ({"multiattach": "true", "volume_backend_name": "other"}, False),
    ],
)
def test_has(lab: Lab, wanted: dict[str, str], has: bool) -> None:
    """A pool is compared with words; all of them must be met."""
    lab.tell(lab.first, protocols=["iSCSI", "NVMe"])
    (first, _) = lab.see(pools.list_all)
    assert show_pools.has(first, wanted) is has
