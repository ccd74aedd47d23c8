"""Capacity rules, with the samples measured on Cinder 29."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from lapilli.model.errors import Malformed
from lapilli.scheduler.capacity import over_subscription_ratio, virtual_free_gib
from lapilli.scheduler.filters import CapacityFilter
from lapilli.scheduler.pools import Gib, PoolState, Request


def sized(total: Gib | None, free: Gib | None, provisioned: float = 0, **more: Any) -> PoolState:
    return PoolState("h@b#p", "nova", "space", total, free, provisioned_gib=provisioned, **more)


def fits(pool: PoolState, asked: int, **more: Any) -> bool:
    return CapacityFilter().prepare(Request("v", asked, **more))(pool).fits


@pytest.mark.parametrize(
    ("total", "free", "provisioned", "thin", "ratio", "reserved", "asked", "thick", "expected"),
    [
        (500, 200, 500, False, 1, 0, 100, False, False),
        (500, 200, 300, False, 1, 0, 200, False, True),
        (500, 200, 500, True, 2, 0, 500, False, True),
        (500, 200, 500, True, 2, 0, 501, False, False),
        (500, 51, 500, True, 2, 10, 400, False, True),
        (500, 51, 500, True, 2, 10, 401, False, False),
        (500, 200, 800, True, 2, 0, 200, True, False),
    ],
)
def test_cinder_samples(
    total: float,
    free: float,
    provisioned: float,
    thin: bool,
    ratio: float,
    reserved: int,
    asked: int,
    thick: bool,
    expected: bool,
) -> None:
    """What Cinder 29 answered, we answer."""
    pool = sized(total, free, provisioned, thin=thin, max_over_subscription_ratio=ratio, reserved_percentage=reserved)
    assert fits(pool, asked, extra_specs={"provisioning:type": "thick"} if thick else {}) is expected


@pytest.mark.parametrize(
    ("pool", "why"),
    [
        (sized(500, 51, thin=True, reserved_percentage=10), None),
        (sized(500, 50, thin=True, reserved_percentage=10), "50 of 500 GiB are unwritten, and 50 GiB are reserved"),
        (sized(500, 0.0, thin=True), "0 of 500 GiB are unwritten, and 0 GiB are reserved"),
        (sized(500, 0.5, thin=True), None),
        (
            sized(500, 400, thin=True, reserved_percentage=15, capabilities={"thin_pool_metadata_percent": 85.1}),
            "its metadata is 85.1 % full, and may be 85 %",
        ),
        (sized(500, 400, thin=True, reserved_percentage=15, capabilities={"thin_pool_metadata_percent": 84.9}), None),
        (sized(500, 0, thin=True, capabilities={"thin_pool_metadata_percent": 91}), "91 % full, and may be 90 %"),
        (sized(500, 400, thin=True, capabilities={"thin_pool_metadata_percent": "?"}), None),
    ],
)
def test_thin_pool_closes_at_its_reserve(pool: PoolState, why: str | None) -> None:
    """What is really written counts, too, whatever could still be promised. Cinder looks at the promises only."""
    roomy = replace(pool, max_over_subscription_ratio=20.0)
    verdict = CapacityFilter().prepare(Request("v", 1))(roomy)
    assert verdict.fits is (why is None)
    assert (virtual_free_gib(roomy, thick=False) > 0) is (why is None)
    if why:
        assert verdict.reason.startswith("closed: ")
        assert why in verdict.reason


def test_closing_is_of_thin_space_only() -> None:
    """A thick pool has what it has: its last GiB above the reserve may be taken."""
    assert fits(sized(100, 5, 0, reserved_percentage=0), 5)


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        (sized(500, None), False),
        (sized(None, 500), False),
        (sized(500, "infinite"), True),
        (sized(500, "unknown", reserved_percentage=10), True),
        (sized("infinite", 500), True),
        (sized("unknown", 500, reserved_percentage=10), False),
        (sized(0, 0), False),
        (sized(500, 500, thin=True, max_over_subscription_ratio=0.5), False),
        (sized(500, 500, thin=True, reserved_percentage=100), False),
    ],
)
def test_pools_without_plain_numbers(pool: PoolState, expected: bool) -> None:
    """Sizes that are missing, words or nonsense."""
    assert fits(pool, 1) is expected


def test_a_pool_that_has_the_volume_fits() -> None:
    """Neither the present pool of a volume nor taking one under management needs space."""
    full = sized(100, 0, 100)
    assert fits(full, 50, exists_on="h@b#p")
    assert fits(full, 0)
    assert not fits(full, 50)


def test_placements_since_the_last_report_count() -> None:
    """The database's account is believed where it is ahead of the backend's report."""
    pool = sized(100, 100, 0, allocated_gib=90)
    assert virtual_free_gib(pool, thick=False) == 10


def test_virtual_free_is_rounded() -> None:
    """Two decimals, and the reserved share is whole GiB."""
    assert virtual_free_gib(sized(10.5, 10.333333, reserved_percentage=10), thick=False) == 9.5
    assert virtual_free_gib(sized(10.5, 3.14159), thick=False) == 3.14
    assert virtual_free_gib(sized("infinite", 3.14159), thick=False) == inf


@pytest.mark.parametrize(
    ("reported", "total", "free", "provisioned", "thin", "expected"),
    [
        ("auto", 100, 100, 0, True, 20),
        ("auto", 100, 51, 150, True, 4),
        ("2.5", 100, 50, 150, True, 2.5),
        (3, 100, 50, 150, True, 3),
        ("20", 100, 50, 150, False, 1),
        ("auto", "infinite", 50, 150, True, 1),
        ("20", 100, None, 150, True, 1),
    ],
)
def test_over_subscription_ratio(
    reported: float | str, total: Gib, free: Gib | None, provisioned: float, thin: bool, expected: float
) -> None:
    """`auto` follows what the data has needed so far; without thin space or sizes there is no over-subscription."""
    ratio = over_subscription_ratio(reported, total_gib=total, free_gib=free, provisioned_gib=provisioned, thin=thin)
    assert ratio == expected


def test_bad_ratio() -> None:
    """A ratio that is no number is refused by name."""
    with pytest.raises(Malformed, match="max_over_subscription_ratio is 'lots'"):
        over_subscription_ratio("lots", total_gib=1, free_gib=1, provisioned_gib=0, thin=True)
