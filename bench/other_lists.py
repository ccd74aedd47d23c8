"""Lists of snapshots, attachments and types with 1,000 in the page, and the limits of a project that uses much."""

from collections.abc import Iterator
from dataclasses import replace

from bench.client import Client
from bench.deployments import Deployment
from bench.figures import Figure, per_operation_ms, shares
from bench.meter import Parts
from bench.seed import add_attachments, add_snapshots, add_types, add_volumes

_REQUESTS = 5
_ROWS = 1_000
# Cinder was measured for the limits alone: API and database, median and least.
_LISTS = {
    "snapshots detail": ("/snapshots/detail?limit=1000", None),
    "attachments detail": ("/attachments/detail?limit=1000", None),
    "types": ("/types?limit=1000", None),
    "limits": ("/limits", (15.9, 15.9)),
}


def measure(place: Deployment, rounds: int) -> Iterator[Figure]:
    """Each list with 1,000 rows of its kind, which belong to 1,000 volumes."""
    with place.running() as (client, parts):
        add_volumes(place, _ROWS)
        add_snapshots(place, _ROWS)
        add_attachments(place, _ROWS)
        add_types(place, _ROWS)
        for name, (path, peer) in _LISTS.items():
            yield _asked(client, parts, rounds, path, Figure(f"list: {name}", [0], peer=peer))


def _asked(client: Client, parts: Parts, rounds: int, path: str, figure: Figure) -> Figure:
    for _ in range(3):
        client.get(path)
    spent = []
    for _ in range(rounds):
        before = parts.cpu_s()
        for _ in range(_REQUESTS):
            client.get(path)
        spent.append(per_operation_ms(before, parts.cpu_s(), _REQUESTS))
    return replace(figure, values=[sum(each.values()) for each in spent], note=shares(spent))
