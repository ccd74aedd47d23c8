"""The filters' verdicts and their words."""

from typing import Any

import pytest

from lapilli.scheduler.filters import (
    AvailabilityZoneFilter,
    CapabilitiesFilter,
    CapacityFilter,
    Filter,
    IgnoreAttemptedHostsFilter,
    RequiredBackendFilter,
    ServiceFilter,
    Verdict,
)
from lapilli.scheduler.pools import PoolState, Request


def verdict(which: Filter, pool: PoolState, **request: Any) -> Verdict:
    return which.prepare(Request("v", 5, **request))(pool)


def pool(**facts: Any) -> PoolState:
    sizes: dict[str, Any] = {"total_gib": 10, "free_gib": 3.2}
    return PoolState("h@b#p", "dc1", "vg", **(sizes | facts))


@pytest.mark.parametrize(
    ("zones", "fits"), [((), True), (("dc1",), True), (("dc2", "dc1"), True), (("dc2",), False), (("nova",), False)]
)
def test_zones(zones: tuple[str, ...], fits: bool) -> None:
    """No zone asked for is any zone; several are alternatives."""
    assert verdict(AvailabilityZoneFilter(), pool(), zones=zones).fits is fits


def test_zone_reason() -> None:
    """Both zones are named."""
    assert verdict(AvailabilityZoneFilter(), pool(), zones=("dc2", "dc3")).reason == "in zone dc1, dc2 or dc3 asked for"


def test_capacity_reason() -> None:
    """Value and threshold, and the ratio where it counts."""
    assert verdict(CapacityFilter(), pool()).reason == "free 3.2 GiB, 5 GiB asked for"
    large = pool(total_gib=2000000, free_gib=1234567.89)
    assert verdict(CapacityFilter(), large).reason == "free 1234567.89 GiB, 5 GiB asked for"
    thin = pool(thin=True, max_over_subscription_ratio=1.5)
    assert verdict(CapacityFilter(), thin).reason == "free 15 GiB at over-subscription 1.5, 5 GiB asked for"
    assert verdict(CapacityFilter(), pool(free_gib="infinite")).reason == "free is infinite"
    unknown = pool(total_gib="unknown", reserved_percentage=5)
    assert verdict(CapacityFilter(), unknown).reason == "total is unknown, 5 % of it reserved"


def test_capabilities_reason() -> None:
    """The spec, what was found and what was asked for."""
    specs = {"model": "X", "capabilities:total_volumes": "< 500"}
    busy = pool(capabilities={"model": "X", "total_volumes": 501})
    assert verdict(CapabilitiesFilter(), busy, extra_specs=specs) == (
        False,
        "{} is {}, {} asked for",
        ("capabilities:total_volumes", "501", "'< 500'"),
    )
    assert verdict(CapabilitiesFilter(), pool(), extra_specs=specs).reason == "model is not reported, 'X' asked for"
    idle = pool(capabilities={"model": "X", "total_volumes": 499})
    assert verdict(CapabilitiesFilter(), idle, extra_specs=specs).fits


def test_braces_in_a_capability() -> None:
    """What a backend reports is never read as a form."""
    odd = pool(capabilities={"model": "{0}{nothing}"})
    assert "{0}{nothing}" in verdict(CapabilitiesFilter(), odd, extra_specs={"model": "X"}).reason


@pytest.mark.parametrize(
    ("operation", "is_attached", "supports", "fits"),
    [
        ("extend", True, False, False),
        ("extend", True, True, True),
        ("extend", False, False, True),
        ("create", True, False, True),
    ],
)
def test_online_extend(operation: str, is_attached: bool, supports: bool, fits: bool) -> None:
    """Only an attached volume's growth needs a backend that can grow under load."""
    where = pool(capabilities={"online_extend_support": supports})
    assert verdict(CapabilitiesFilter(), where, operation=operation, is_attached=is_attached).fits is fits


def test_attempted_hosts() -> None:
    """A tried pool and every pool of a tried backend are out."""
    which = IgnoreAttemptedHostsFilter()
    assert not verdict(which, pool(), excluded=("h@b#p",)).fits
    assert not verdict(which, pool(), excluded=("x@y", "h@b")).fits
    assert verdict(which, pool(), excluded=("h@b#other",)).fits


def test_required_backend() -> None:
    """A source binds to its backend, or to a single pool."""
    assert verdict(RequiredBackendFilter(), pool(), required="h@b").fits
    assert verdict(RequiredBackendFilter(), pool(), required="h@c").reason == "h@c is required"
    assert verdict(RequiredBackendFilter(), pool()).fits


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"is_up": False, "why_down": "no heartbeat for 70 s"}, "down: no heartbeat for 70 s"),
        ({"is_enabled": False}, "disabled"),
        ({"is_frozen": True}, "frozen"),
    ],
)
def test_out_of_service(facts: dict[str, object], reason: str) -> None:
    """A pool whose service does not work says so, and why."""
    assert verdict(ServiceFilter(), pool(**facts))[0] is False
    assert verdict(ServiceFilter(), pool(**facts)).reason == reason
