"""The way of an attachment: reserved, exported by tgt, in use, and given back."""

import uuid
from collections.abc import Iterator
from typing import Final

from bench.client import Client
from bench.deployments import Deployment
from bench.figures import Figure, per_operation_ms, shares

_CYCLES: Final = 40
_CONNECTOR: Final = {"host": "node1", "ip": "127.0.0.1", "initiator": "iqn.2026-01.org.example:node1"}


def measure(place: Deployment, rounds: int) -> Iterator[Figure]:
    """One after the other, tgtd's own CPU included."""
    with place.running() as (client, parts):
        volume_id = client.make_volume()
        _cycle(client, volume_id)
        spent = []
        for _ in range(rounds):
            before = parts.cpu_s()
            for _ in range(_CYCLES):
                _cycle(client, volume_id)
            spent.append(per_operation_ms(before, parts.cpu_s(), _CYCLES))
    totals = [sum(each.values()) for each in spent]
    yield Figure("attachment create, update, complete, delete", totals, peer=(121, 105), aim=10, note=shares(spent))


def _cycle(client: Client, volume_id: str) -> None:
    wish = {"attachment": {"volume_uuid": volume_id, "instance_uuid": str(uuid.uuid4())}}
    path = f"/attachments/{client.call('POST', '/attachments', wish)['attachment']['id']}"
    client.call("PUT", path, {"attachment": {"connector": _CONNECTOR}})
    client.call("POST", f"{path}/action", {"os-complete": {}})
    client.call("DELETE", path)
