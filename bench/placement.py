"""One decision of the scheduler, without the reading of its pools."""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from bench.figures import Figure
from lapilli.scheduler.filters import AvailabilityZoneFilter, CapabilitiesFilter, CapacityFilter
from lapilli.scheduler.pools import PoolState, Request
from lapilli.scheduler.ranking import rank
from lapilli.scheduler.weighers import CapacityWeigher, SchedulerSettings

_FILTERS: Final = (AvailabilityZoneFilter(), CapacityFilter(), CapabilitiesFilter())
_WEIGHERS: Final = (CapacityWeigher(SchedulerSettings()),)
# Cinder's medians by the number of pools. They include the reading of services, about half of the first two.
_CASES: Final[tuple[tuple[str, dict[str, str | None], dict[int, float]], ...]] = (
    ("default rules", {}, {10: 1.5, 100: 3.9, 1000: 27.0, 5000: 156.0}),
    ("total_volumes <= 800", {"capabilities:total_volumes": "<= 800"}, {10: 1.5, 100: 3.7, 1000: 24.0, 5000: 147.0}),
)


def measure(rounds: int) -> Iterator[Figure]:
    """The ranking of more and more pools."""
    for label, specs, peer in _CASES:
        request = Request("00000000-0000-0000-0000-000000000000", 1, zones=("nova",), extra_specs=specs)
        for count, peer_ms in peer.items():
            decide = partial(rank, request, _pools(count), _FILTERS, _WEIGHERS)
            spent = [_cpu_ms(decide, 5000 // count) for _ in range(rounds)]
            yield Figure(f"rank {count} pools, {label}", spent, peer=(peer_ms, peer_ms))


def _cpu_ms(decide: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        decide()
    return (time.process_time() - start) * 1000 / times


def _pools(count: int) -> list[PoolState]:
    draw = random.Random(7)
    return [
        PoolState(
            name=f"node{at // 10:05d}@be#pool{at:05d}",
            zone="nova",
            account=str(at),
            total_gib=100000.0,
            free_gib=float(draw.randrange(10000, 100000)),
            provisioned_gib=float(draw.randrange(100000)),
            allocated_gib=float(draw.randrange(50000)),
            reserved_percentage=5,
            max_over_subscription_ratio=20.0,
            thin=True,
            capabilities={"total_volumes": draw.randrange(1600), "QoS_support": True, "multiattach": True},
        )
        for at in range(count)
    ]
