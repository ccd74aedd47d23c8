"""What a decision says about itself."""

import json
from types import MappingProxyType
from typing import Any

import pytest

from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.filters import AvailabilityZoneFilter, CapabilitiesFilter, CapacityFilter
from lapilli.scheduler.pools import PoolState, Request
from lapilli.scheduler.ranking import rank
from lapilli.scheduler.weighers import CapacityWeigher, SchedulerSettings

POOLS = [
    PoolState("node1@lvm#vg1", "dc1", "a", 100, 40, capabilities={"n": 900}),
    PoolState("node2@lvm#vg2", "dc2", "b", 100, 90, capabilities={"n": 100}),
    PoolState("node3@lvm#vg3", "dc1", "c", 100, 20, capabilities={"n": 100}),
    PoolState("node4@lvm#vg4", "dc1", "d", 100, 3.2, is_up=False, why_down="no heartbeat for 70 s"),
]


def decide(size_gib: int = 5, pools: list[PoolState] = POOLS, **request: Any) -> Decision:
    filters = (AvailabilityZoneFilter(), CapacityFilter(), CapabilitiesFilter())
    asked = Request("v", size_gib, **{"zones": ("dc1",), "extra_specs": {"n<": "800"}, **request})
    return rank(asked, pools, filters, (CapacityWeigher(SchedulerSettings()),))


def test_rows() -> None:
    """Each pool has every filter's verdict with its reason; those that fit have their numbers."""
    rows = {row.pool: row for row in decide().rows()}
    assert [(row.pool, row.rank) for row in rows.values()] == [
        ("node3@lvm#vg3", 1),
        ("node1@lvm#vg1", 2),
        ("node2@lvm#vg2", None),
        ("node4@lvm#vg4", None),
    ]
    assert rows["node1@lvm#vg1"].weights == (("CapacityWeigher", 40, 1.0, 1.0),)
    assert rows["node1@lvm#vg1"].preferences == (("n <= 800", False),)
    assert rows["node4@lvm#vg4"].checks == (
        ("ServiceFilter", False, "down: no heartbeat for 70 s"),
        ("RequiredBackendFilter", True, "no backend is required"),
        ("AvailabilityZoneFilter", True, "in zone dc1, dc1 asked for"),
        ("CapacityFilter", False, "free 3.2 GiB, 5 GiB asked for"),
        ("CapabilitiesFilter", True, "every extra spec is met"),
    )


def test_json() -> None:
    """The stored form is plain JSON and has the request, the order and the reasons."""
    stored = json.loads(decide(extra_specs=MappingProxyType({"n<": "50"})).as_json())
    assert stored["request"]["size_gib"] == 5
    assert stored["request"]["extra_specs"] == {"n<": "50"}
    assert stored["ranking"] == ["node1@lvm#vg1", "node3@lvm#vg3"]
    assert stored["relaxed"] == ["n <= 50: no pool that fits meets it"]
    assert stored["why_none"] == ""
    assert (stored["pools"], stored["pools_that_fit"], stored["rows_left_out"]) == (4, 2, 0)
    assert stored["refusals"]["AvailabilityZoneFilter"] == "1 of 4 (node2@lvm#vg2: in zone dc2, dc1 asked for)"
    assert stored["rows"][0]["weights"] == [
        {"weigher": "CapacityWeigher", "raw": 40, "normalised": 1.0, "contribution": 1.0}
    ]


def test_rows_are_bounded() -> None:
    """A large fleet's decision stays small, and says how much it leaves out."""
    stored = decide().to_dict(most_rows=1)
    assert [row["pool"] for row in stored["rows"]] == ["node3@lvm#vg3"]
    assert stored["rows_left_out"] == 3


def test_why_none() -> None:
    """Operators read which filter refused which pool, with value and threshold."""
    words = decide(size_gib=50).why_none()
    assert words.startswith("No storage fits a request for 50 GiB. ServiceFilter refused 1 of 4 (node4@lvm#vg4: down")
    assert "AvailabilityZoneFilter refused 1 of 4 (node2@lvm#vg2: in zone dc2, dc1 asked for)" in words
    assert "CapacityFilter refused 3 of 4 (node1@lvm#vg1: free 40 GiB, 50 GiB asked for; node3@lvm#vg3" in words


def test_why_none_without_pools() -> None:
    """Before any report there is nothing to refuse."""
    assert decide(pools=[]).why_none() == "No storage fits a request for 5 GiB. No pool was reported by any backend."
    assert decide(pools=[]).redacted() == "No storage fits a request for 5 GiB. No storage is in service."


@pytest.mark.parametrize(
    "request_facts", [{"size_gib": 50}, {"required": "node9@lvm"}, {"extra_specs": {"n": "<in> x"}}]
)
def test_redacted(request_facts: dict[str, Any]) -> None:
    """Tenants read why in general, and nothing by which the storage could be recognised or counted."""
    words = decide(**request_facts).redacted()
    assert words.startswith("No storage fits a request for ")
    assert [secret for secret in ("node", "lvm", "vg", "dc", "@", "#", " of 4", "3.2", "900") if secret in words] == []


def test_redacted_words() -> None:
    """The general reasons, one for each filter that refused."""
    assert decide(size_gib=50).redacted() == (
        "No storage fits a request for 50 GiB. Some storage is out of service; some storage is in another "
        "availability zone; some storage has not enough free space."
    )


def test_nothing_to_explain() -> None:
    """When a pool fits, there is no sentence about none."""
    assert (decide().why_none(), decide().redacted()) == ("", "")


def test_what_is_down_for_the_moment_is_awaited() -> None:
    """A pool that only its service keeps from fitting is worth waiting for; a full or disabled one is not."""
    request = Request("v1", 5)
    pools = [
        PoolState("a@x#1", "nova", "a", 10, 10, is_up=False),
        PoolState("b@x#1", "nova", "b", 1, 1, is_up=False),
        PoolState("c@x#1", "nova", "c", 10, 10, is_up=False, is_enabled=False),
    ]
    decision = rank(request, pools, [CapacityFilter()], [])
    assert decision.ranking == []
    assert decision.awaited == ["a@x#1"]
