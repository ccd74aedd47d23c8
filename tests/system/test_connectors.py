"""What hosts say of themselves: a connector that makes no sense is refused, and leaves nothing."""

from typing import Any

import pytest

from tests.system.service import CONNECTOR, Service

_BAD: list[dict[str, Any]] = [
    {"initiator": CONNECTOR["initiator"]},
    {"host": "host"},
    {"host": ["host"], "initiator": CONNECTOR["initiator"]},
    {"host": "host", "initiator": 5},
    {"host": "host", "initiator": []},
    {"host": "host", "initiator": "not a name"},
    {"host": "host", "initiator": "iqn.2026-11.org.example:a,b"},
    {"host": "h" * 256, "initiator": CONNECTOR["initiator"]},
    {"host": "host", "initiator": CONNECTOR["initiator"], "mountpoint": {}},
    {"host": "host", "initiator": CONNECTOR["initiator"], "mode": "sideways"},
]


@pytest.mark.parametrize("connector", _BAD, ids=str)
def test_bad_connector(service: Service, connector: dict[str, Any]) -> None:
    """Each of the three ways to connect says 400 and why; neither attachment nor export is left."""
    volume = service.volume(name="connected")
    new = {"attachment": {"volume_uuid": volume, "instance_uuid": volume}}
    reserved = service.ask("POST", "/attachments", new)["attachment"]["id"]
    refused = service.send("PUT", f"/attachments/{reserved}", {"attachment": {"connector": connector}})
    assert (refused.status, "connector" in refused.message) == (400, True), refused
    service.detach({"id": reserved})
    refused = service.send("POST", "/attachments", {"attachment": {**new["attachment"], "connector": connector}})
    assert refused.status == 400, refused
    action = {"os-initialize_connection": {"connector": connector}}
    assert service.send("POST", f"/volumes/{volume}/action", action).status == 400
    assert service.ask("GET", f"/attachments?volume_id={volume}") == {"attachments": []}
    service.settled("volume", volume)
    service.ask("DELETE", f"/volumes/{volume}")
    service.settle()
