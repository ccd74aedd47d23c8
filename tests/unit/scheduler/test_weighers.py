"""What the weighers measure."""

from collections.abc import Sequence

import pytest

from lapilli.scheduler.pools import Gib, PoolState, Request
from lapilli.scheduler.weighers import (
    AllocatedCapacityWeigher,
    CapacityWeigher,
    ChanceWeigher,
    SchedulerSettings,
    VolumeNumberWeigher,
)

REQUEST = Request("v", 1)


def pools_with_free(*free: Gib) -> Sequence[PoolState]:
    return [PoolState(f"h@b#{at}", "nova", "vg", 100.0, gib) for at, gib in enumerate(free)]


@pytest.mark.parametrize(("multiplier", "unknown"), [(1.0, -1.0), (-1.0, 31.0)])
def test_capacity(multiplier: float, unknown: float) -> None:
    """Free space counts; a pool that does not say how much it has comes last whichever end is wanted."""
    weigher = CapacityWeigher(SchedulerSettings(capacity_weight_multiplier=multiplier))
    assert weigher.weigh(REQUEST, pools_with_free(10, 30, "unknown")) == [10, 30, unknown]


def test_capacity_of_thin_pools() -> None:
    """Over-subscription counts for thin requests and not for thick ones."""
    thin = [PoolState("h@b#p", "nova", "vg", 100, 50, thin=True, max_over_subscription_ratio=3)]
    weigher = CapacityWeigher(SchedulerSettings())
    assert weigher.weigh(REQUEST, thin) == [300]
    assert weigher.weigh(Request("v", 1, extra_specs={"provisioning:type": "thick"}), thin) == [50]


def test_counts() -> None:
    """Allocated space and volumes are taken as they are, and less is better."""
    pool = PoolState("h@b#p", "nova", "vg", 100, 50, allocated_gib=40, volume_count=7)
    allocated, number = AllocatedCapacityWeigher(SchedulerSettings()), VolumeNumberWeigher(SchedulerSettings())
    assert (allocated.weigh(REQUEST, [pool]), allocated.multiplier) == ([40], -1)
    assert (number.weigh(REQUEST, [pool]), number.multiplier) == ([7], -1)


def test_chance_is_repeatable() -> None:
    """Drawing again gives the same lots; another volume draws others."""
    weigher, pools = ChanceWeigher(SchedulerSettings()), pools_with_free(*[1.0] * 50)
    lots = weigher.weigh(REQUEST, pools)
    assert lots == weigher.weigh(REQUEST, pools)
    assert lots != weigher.weigh(Request("w", 1), pools)
    assert 0 <= min(lots) < 0.2
    assert 0.8 < max(lots) < 1
