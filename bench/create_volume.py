"""From the request to a volume that is available, and from its deletion until it is gone."""

import time
from collections.abc import Iterator
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
    for name, at, peer, aim in (
        ("create → available", 0, (153, 113), 10),
        ("delete → gone", 1, (68, 52), None),
    ):
        of_verb = [each[at] for each in spent]
        totals = [sum(each.values()) for each in of_verb]
        yield Figure(name, totals, peer=peer, aim=aim, note=shares(of_verb))
    yield Figure("create → available, volumes a second", [each[2] for each in spent], "1/s", note="Cinder 13-18")


def _round(client: Client, parts: Parts) -> tuple[dict[str, float], dict[str, float], float]:
    start, before = time.monotonic(), parts.cpu_s()
    made = together(lambda body: client.call("POST", "/volumes", body)["volume"]["id"], [_CREATE] * _VOLUMES)
    settle(lambda: not _some(client, "creating"))
    created, rate = parts.cpu_s(), _VOLUMES / (time.monotonic() - start)
    assert client.get("/volumes?limit=1&with_count=true&status=available")["count"] == _VOLUMES
    between = parts.cpu_s()
    together(lambda id: client.call("DELETE", f"/volumes/{id}"), made)
    settle(lambda: not client.get("/volumes?limit=1")["volumes"])
    return (
        per_operation_ms(before, created, _VOLUMES),
        per_operation_ms(between, parts.cpu_s(), _VOLUMES),
        rate,
    )


def _some(client: Client, status: str) -> Any:
    return client.get(f"/volumes?limit=1&status={status}")["volumes"]
