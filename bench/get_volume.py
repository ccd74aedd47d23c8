"""GET of one volume: what a poll costs."""

from collections.abc import Iterator

from bench.client import together
from bench.deployments import Deployment
from bench.figures import Figure, per_operation_ms, shares
from bench.seed import add_volumes, volume_id

_REQUESTS = 1000


def measure(place: Deployment, rounds: int) -> Iterator[Figure]:
    """By one client, and by sixteen at once."""
    with place.running() as (client, parts):
        add_volumes(place, 100)
        path = f"/volumes/{volume_id(50)}"
        together(client.get, [path] * 200)
        for clients in (1, 16):
            spent = []
            for _ in range(rounds):
                before = parts.cpu_s()
                together(client.get, [path] * _REQUESTS, clients)
                spent.append(per_operation_ms(before, parts.cpu_s(), _REQUESTS))
            name = f"GET one volume, {clients} client{'s' * (clients > 1)}"
            totals = [sum(each.values()) for each in spent]
            yield Figure(name, totals, peer=(11.8, 8.5), aim=0.15, note=shares(spent))
