"""The order of pools."""

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.filters import AvailabilityZoneFilter, CapabilitiesFilter, CapacityFilter
from lapilli.scheduler.pools import PoolState, Request
from lapilli.scheduler.ranking import rank
from lapilli.scheduler.weighers import CapacityWeigher, SchedulerSettings, VolumeNumberWeigher, Weigher

FILTERS = (AvailabilityZoneFilter(), CapacityFilter(), CapabilitiesFilter())
WEIGHERS = (CapacityWeigher(SchedulerSettings()),)


def array(number: int, free: float = 50, zone: str = "dc1", **facts: Any) -> PoolState:
    return PoolState(f"h@array{number}#p", zone, f"serial{number}", 100, free, **facts)


def ranked(
    pools: Sequence[PoolState], weighers: Sequence[Weigher] = WEIGHERS, size_gib: int = 1, **request: Any
) -> Decision:
    return rank(Request("v", size_gib, **request), pools, FILTERS, weighers)


def backends(decision: Decision) -> list[str]:
    return [name.partition("@")[2].partition("#")[0] for name in decision.ranking]


def test_most_free_space_first() -> None:
    """Without anything else the freest pool wins."""
    assert backends(ranked([array(1, 10), array(2, 90), array(3, 50)])) == ["array2", "array3", "array1"]


def test_ties_go_by_name() -> None:
    """Equal pools come in the order of their names, however they arrive."""
    assert backends(ranked([array(3), array(1), array(2)])) == ["array1", "array2", "array3"]
    assert backends(ranked([array(2), array(1)], weighers=())) == ["array1", "array2"]


def test_weighers_add_up() -> None:
    """Each weigher counts by its multiplier after scaling to 0…1."""
    pools = [array(1, 90, volume_count=10), array(2, 80, volume_count=0), array(3, 10, volume_count=5)]
    heavy = VolumeNumberWeigher(SchedulerSettings(volume_number_multiplier=-2.0))
    decision = ranked(pools, (*WEIGHERS, heavy))
    assert backends(decision) == ["array2", "array1", "array3"]
    assert decision.totals == [1 - 2, 70 / 80, 0 - 1]


def test_zone() -> None:
    """A zone asked for leaves the others out; none asked for means all."""
    pools = [array(1, zone="dc1"), array(2, zone="dc2")]
    assert backends(ranked(pools, zones=("dc2",))) == ["array2"]
    assert backends(ranked(pools)) == ["array1", "array2"]


def test_preferred_pools_come_first() -> None:
    """An array under its preferred limit is taken before a freer one above it."""
    pools = [array(1, 10, capabilities={"n": 100}), array(2, 90, capabilities={"n": 900})]
    decision = ranked(pools, extra_specs={"capabilities:n<": "800"})
    assert backends(decision) == ["array1", "array2"]
    assert decision.relaxed == []


def test_preference_is_relaxed() -> None:
    """With every array above the limit the freest is taken, and the decision says so."""
    pools = [array(1, 10, capabilities={"n": 801}), array(2, 90, capabilities={"n": 900}), array(3, 20)]
    decision = ranked(pools, extra_specs={"capabilities:n<": "800"})
    assert backends(decision) == ["array2", "array3", "array1"]
    assert decision.relaxed == ["capabilities:n <= 800: no pool that fits meets it"]


def test_more_preferences_met_come_first() -> None:
    """Where no array meets all preferences, the one that meets most is taken."""
    pools = [
        array(1, 90, capabilities={"n": 900, "reads": 5, "writes": 50}),
        array(2, 10, capabilities={"n": 100, "reads": 50, "writes": 5}),
    ]
    decision = ranked(pools, extra_specs={"n<": "800", "reads<": "10", "writes<": "10"})
    assert backends(decision) == ["array2", "array1"]
    assert decision.relaxed == ["reads <= 10: the best pool meets others"]


def test_an_operator_in_the_value_is_hard() -> None:
    """The same limit in the value leaves no pool at all."""
    pools = [array(1, capabilities={"n": 801}), array(2, capabilities={"n": 900})]
    assert ranked(pools, extra_specs={"n": "<=800"}).ranking == []


def test_tried_pools_come_last() -> None:
    """A retry goes elsewhere if it can, and tries again where it cannot."""
    pools = [array(1, 90), array(2, 10)]
    assert backends(ranked(pools, excluded=("h@array1",))) == ["array2", "array1"]
    again = ranked(pools[:1], excluded=("h@array1",))
    assert backends(again) == ["array1"]
    assert again.relaxed == ["not tried before: no pool that fits meets it"]


def test_required_backend() -> None:
    """A clone stays where its source is, or nowhere."""
    pools = [array(1, 90), array(2, 10)]
    assert backends(ranked(pools, required="h@array2")) == ["array2"]
    assert backends(ranked(pools, required="h@array2#p", size_gib=11)) == []


def test_nothing_to_rank() -> None:
    """No pools give an empty ranking, not an error."""
    assert ranked([]).ranking == []


def test_thousands_of_pools() -> None:
    """Every one of 5,000 pools gets its place."""
    pools = [PoolState(f"h@b#{at:05d}", "dc1", str(at), 10000, at + 1) for at in range(5000)]
    assert ranked(pools).ranking == [f"h@b#{at:05d}" for at in reversed(range(5000))]


fleets = st.lists(
    st.builds(
        array,
        st.integers(0, 30),
        st.sampled_from([0.0, 10.0, 33.3, 90.0, "infinite", "unknown", None]),
        allocated_gib=st.sampled_from([0.0, 20.0]),
        volume_count=st.integers(0, 3),
        is_up=st.booleans(),
        capabilities=st.fixed_dictionaries({"n": st.integers(0, 3)}),
    ),
    unique_by=lambda pool: pool.name,
    max_size=12,
)


@given(fleet=fleets, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(fleet: list[PoolState], shuffled: Random) -> None:
    """The same pools in any order give the same decision, word for word."""
    weighers = (*WEIGHERS, VolumeNumberWeigher(SchedulerSettings()))
    first = ranked(fleet, weighers, extra_specs={"n<": "1", "n": "<= 2"}).as_json()
    others = list(fleet)
    shuffled.shuffle(others)
    assert ranked(others, weighers, extra_specs={"n<": "1", "n": "<= 2"}).as_json() == first


@given(fleet=fleets, size_gib=st.integers(1, 100))
def test_ranked_pools_have_room(fleet: list[PoolState], size_gib: int) -> None:
    """No pool is ranked that is down or has less than was asked for; every other is."""
    able = {
        pool.name
        for pool in fleet
        if pool.is_up
        and pool.free_gib is not None
        and (isinstance(pool.free_gib, str) or min(pool.free_gib, 100 - pool.allocated_gib) >= size_gib)
    }
    decision = ranked(fleet, size_gib=size_gib)
    assert set(decision.ranking) == able
    assert len(decision.ranking) == len(able)
