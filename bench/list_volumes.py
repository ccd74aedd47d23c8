"""Pages of the detailed list, with 1,000 and with 100,000 volumes in the table."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from bench.client import Client
from bench.deployments import Deployment
from bench.figures import Figure, per_operation_ms, shares
from bench.meter import Parts
from bench.seed import add_volumes, volume_id, volume_name

_REQUESTS = 5
_FEW: dict[str, tuple[str, tuple[float, float] | None, float | None]] = {
    "1,000 in the page": ("limit=1000", (530, 330), 25),
    "100 in the page": ("limit=100", (47, 42), None),
    "10 in the page": ("limit=10", (12, 9.6), None),
}
_MIDDLE = 50_000
# The least of Cinder's database was not kept apart; where there is one figure, it stands for both.
_MANY: dict[str, tuple[str, tuple[float, float] | None, float | None]] = {
    "1,000 in the page": ("limit=1000", (760, 490), 25),
    "1,000 behind a marker": (f"limit=1000&marker={volume_id(_MIDDLE)}", (760, 490), 25),
    "1,000 by name": ("limit=1000&sort=name:asc", (760, 490), 25),
    "1,000 by size, name, behind a marker": (
        f"limit=1000&sort=size:desc,name:asc&marker={volume_id(_MIDDLE)}",
        (760, 490),
        25,
    ),
    "1 of a name": (f"name={volume_name(_MIDDLE)}", (157, 157), None),
    "100 of a pair of metadata": (f"metadata={quote(str({'idx': '7'}))}", (398, 398), None),
    "33 of two pairs of metadata": (f"metadata={quote(str({'idx': '7', 'tier': 'silver'}))}", None, None),
    "0 of a status": ("status=error", None, None),
    "1 and the count of all": ("limit=1&with_count=true", (150, 150), None),
}


def measure(place: Deployment, rounds: int) -> Iterator[Figure]:
    """The same pages twice, for no cost may grow with the table."""
    with place.running() as (client, parts):
        add_volumes(place, 1_000)
        for name, (query, peer, aim) in _FEW.items():
            yield _page(client, parts, rounds, query, Figure(f"list detail: {name}", [0], peer=peer, aim=aim))


def measure_many(place: Deployment, rounds: int) -> Iterator[Figure]:
    """With 100,000 volumes of one project."""
    with place.running() as (client, parts):
        add_volumes(place, 100_000)
        for name, (query, peer, aim) in _MANY.items():
            yield _page(client, parts, rounds, query, Figure(f"… of 100,000: {name}", [0], peer=peer, aim=aim))


def _page(client: Client, parts: Parts, rounds: int, query: str, figure: Figure) -> Figure:
    path = f"/volumes/detail?{query}"
    for _ in range(3):
        client.get(path)
    spent = []
    for _ in range(rounds):
        before = parts.cpu_s()
        for _ in range(_REQUESTS):
            client.get(path)
        spent.append(per_operation_ms(before, parts.cpu_s(), _REQUESTS))
    return replace(figure, values=[sum(each.values()) for each in spent], note=shares(spent))
