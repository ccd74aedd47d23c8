"""CPU of one placement decision, beside what Cinder 29 needed for the same pools and options."""

import random
import time
from collections.abc import Callable
from functools import partial

from lapilli.scheduler.filters import AvailabilityZoneFilter, CapabilitiesFilter, CapacityFilter
from lapilli.scheduler.pools import PoolState, Request
from lapilli.scheduler.ranking import rank
from lapilli.scheduler.weighers import CapacityWeigher, SchedulerSettings

FILTERS = (AvailabilityZoneFilter(), CapacityFilter(), CapabilitiesFilter())
WEIGHERS = (CapacityWeigher(SchedulerSettings()),)
# Medians in ms of CPU. They include reading the services from the database, which `rank` leaves to its caller.
CASES: tuple[tuple[str, dict[str, str | None], dict[int, float]], ...] = (
    ("default filters + capacity weigher", {}, {10: 1.5, 100: 3.9, 1000: 27.0, 5000: 156.0}),
    ("+ total_volumes <= 800", {"capabilities:total_volumes": "<= 800"}, {10: 1.5, 100: 3.7, 1000: 24.0, 5000: 147.0}),
    ("+ total_volumes<=800 preferred", {"capabilities:total_volumes<": "800"}, {}),
)


def pools_of(count: int) -> list[PoolState]:
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


def cpu_ms(act: Callable[[], object], seconds: float = 1.0) -> float:
    """The least CPU of one call: what is above it is the machine's noise."""
    least = float("inf")
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.process_time()
        act()
        least = min(least, time.process_time() - start)
    return least * 1000


def main() -> None:
    print(f"{'':36}{'pools':>6}{'rank':>10}{'+ JSON':>10}{'Cinder 29':>11}   (ms of CPU per decision)")
    for label, specs, peer in CASES:
        for count in (10, 100, 1000, 5000):
            pools = pools_of(count)
            request = Request("00000000-0000-0000-0000-000000000000", 1, zones=("nova",), extra_specs=specs)
            decide = partial(rank, request, pools, FILTERS, WEIGHERS)
            ranked = cpu_ms(decide)
            stored = cpu_ms(lambda decide=decide: decide().as_json())  # type: ignore[misc]
            print(f"{label:36}{count:6}{ranked:10.2f}{stored:10.2f}{peer.get(count, ''):>11}")


if __name__ == "__main__":
    main()
