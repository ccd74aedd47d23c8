"""From the request to a volume that is available, and from its deletion until it is gone."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bench.client import Client, settle, together
from bench.deployments import Deployment
from bench.figures import Figure, per_operation_ms, shares
from bench.meter import Parts

_VOLUMES: Final = 200
_CREATE: Final = {"volume": {"size": 1, "name": "bench", "metadata": {"a": "b"}}}


def measure(place: Deployment, rounds: int) -> Iterator[Figure]:
    """Two hundred at a time, sixteen requests at once."""
    with place.running() as (client, parts):
        _round(client, parts)
        spent = [_round(client, parts) for _ in range(rounds)]
    created, deleted, rates = zip(*spent, strict=True)
    yield Figure("create → available", _totals(created), peer=(153, 113), aim=10, note=shares(created))
    yield Figure("delete → gone", _totals(deleted), peer=(68, 52), note=shares(deleted))
    yield Figure("create → available, volumes a second", rates, "1/s", note="Cinder 13-18")


def _totals(rounds: Sequence[dict[str, float]]) -> list[float]:
    return [sum(each.values()) for each in rounds]


def _round(client: Client, parts: Parts) -> tuple[dict[str, float], dict[str, float], float]:
    start, before = time.monotonic(), parts.cpu_s()
    made = together(lambda body: client.call("POST", "/volumes", body)["volume"]["id"], [_CREATE] * _VOLUMES)
    settle(lambda: not _some(client, "creating"))
    created, rate = parts.cpu_s(), _VOLUMES / (time.monotonic() - start)
    assert client.get("/volumes?limit=1&with_count=true&status=available")["count"] == _VOLUMES
    between = parts.cpu_s()
    together(lambda volume: client.call("DELETE", f"/volumes/{volume}"), made)
    settle(lambda: not client.get("/volumes?limit=1")["volumes"])
    return (
        per_operation_ms(before, created, _VOLUMES),
        per_operation_ms(between, parts.cpu_s(), _VOLUMES),
        rate,
    )


def _some(client: Client, status: str) -> Any:
    return client.get(f"/volumes?limit=1&status={status}")["volumes"]
