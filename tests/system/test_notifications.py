"""Notifications, as heard by a listener of oslo.messaging through a real broker."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.openstack import place
from tests.system.service import Service, served, until

_LISTENER = Path(__file__).with_name("listener.py")
_LIFE = ["volume.create.start", "volume.create.end", "volume.delete.start", "volume.delete.end"]


@pytest.fixture
def service(tmp_path: Path, amqp_url: str) -> Iterator[Service]:
    """A service that tells others."""
    config = f"""[DEFAULT]
host = node
transport_url = {amqp_url}
[oslo_messaging_notifications]
driver = messagingv2
"""
    with served(tmp_path, config) as one:
        yield one


def test_a_listener_of_oslo_messaging_hears_all(service: Service, amqp_url: str) -> None:
    """The life of a volume, each event once, although nobody listened while it was lived."""
    volume = service.volume()
    service.settled("volume", volume)
    service.send("DELETE", f"/volumes/{volume}")
    until(lambda: service.send("GET", f"/volumes/{volume}").status == 404, lambda: "the volume is still there")
    listening = subprocess.Popen(
        [place("keystone") / "bin/python", _LISTENER, amqp_url, str(len(_LIFE))], stdout=subprocess.PIPE, text=True
    )
    try:
        said, _ = listening.communicate(timeout=60)
    finally:
        listening.kill()
    heard = [json.loads(line) for line in said.splitlines()]
    assert [each["event_type"] for each in heard] == _LIFE
    assert {each["volume_id"] for each in heard} == {volume}
    assert {each["publisher_id"].partition(".")[0] for each in heard} == {"volume"}
