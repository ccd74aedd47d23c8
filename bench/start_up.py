"""How long the service takes to be ready, what it weighs then, and what a full table changes about it."""

import time
from collections.abc import Iterator

from bench.client import together
from bench.deployments import Deployment
from bench.figures import Figure
from bench.seed import add_volumes


def measure(place: Deployment, rounds: int) -> Iterator[Figure]:
    """Seconds from the first process's start until the API answers and the backend is ready."""
    first, _ = _start(place)
    spent = [_start(place) for _ in range(rounds)]
    yield Figure("first start, until ready", [first], "s", aim=1.5)
    yield Figure("start, until ready", [wall for wall, _ in spent], "s", peer=(3.4, 2.4), aim=1.5)
    yield Figure("start, CPU", [cpu for _, cpu in spent], "s CPU")


def measure_many(place: Deployment, rounds: int) -> Iterator[Figure]:
    """The same with 100,000 volumes on the backend."""
    _start(place)
    add_volumes(place, 100_000)
    walls = [_start(place)[0] for _ in range(rounds)]
    yield Figure("start with 100,000 volumes, until ready", walls, "s", peer=(37, 37), aim=1)


def measure_memory(place: Deployment, rounds: int) -> Iterator[Figure]:
    """MiB of all processes together, tgtd and, where there are any, database and broker apart."""
    fresh, worked = [], []
    for _ in range(rounds):
        with place.running() as (client, parts):
            fresh.append(parts.memory_mib())
            add_volumes(place, 0 if len(fresh) > 1 else 1000)
            together(client.get, ["/volumes/detail?limit=1000"] * 64)
            worked.append(parts.memory_mib())
    for name, found in (("memory at start", fresh), ("memory after 64 lists of 1,000", worked)):
        yield Figure(f"{name}, resident", [resident for resident, _ in found], "MiB", aim=150)
        yield Figure(f"{name}, proportional", [share for _, share in found], "MiB", peer=(693, 693))


def _start(place: Deployment) -> tuple[float, float]:
    start = time.monotonic()
    with place.running() as (_, parts):
        return time.monotonic() - start, sum(parts.cpu_s().values())
