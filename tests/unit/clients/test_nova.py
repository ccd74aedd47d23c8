"""What Nova is asked and told, as its documentation has the answers."""

import json

import pytest

from lapilli.clients.nova import Nova
from lapilli.model.errors import Forbidden, Unavailable
from tests.servers.process import free_port
from tests.unit.clients.neighbour import Said, neighbour, remote

JSON = {"Content-Type": "application/json"}
LIST = {"volumeAttachments": [{"attachment_id": "a", "volumeId": "v", "serverId": "s", "device": "/dev/vdb"}]}


def test_lists_attachment() -> None:
    """A server's volumes name their attachments from 2.89 on."""
    with neighbour(lambda _: Said(200, json.dumps(LIST).encode(), JSON)) as (url, asked):
        nova = Nova(remote(url))
        assert nova.lists_attachment("s", "a")
        assert not nova.lists_attachment("s", "b")
    assert asked[0].path == "/servers/s/os-volume_attachments"
    assert asked[0].headers["openstack-api-version"] == "compute 2.89"


def test_server_that_is_gone() -> None:
    """A server that Nova does not know uses nothing."""
    with neighbour(lambda _: Said(404, b"{}", JSON)) as (url, _):
        assert not Nova(remote(url)).lists_attachment("s", "a")


def test_no_nova() -> None:
    """A cloud whose catalog has no Nova has no servers."""
    assert not Nova(remote()).lists_attachment("s", "a")


def test_nova_that_does_not_tell() -> None:
    """What cannot be known is not guessed."""
    with pytest.raises(Unavailable):
        Nova(remote(f"http://127.0.0.1:{free_port()}")).lists_attachment("s", "a")
    with neighbour(lambda _: Said(403, b"{}", JSON)) as (url, _), pytest.raises(Forbidden):
        Nova(remote(url)).lists_attachment("s", "a")


@pytest.mark.parametrize(("event", "version"), [("volume-extended", "2.51"), ("volume-reimaged", "2.93")])
def test_tell(event: str, version: str) -> None:
    """Each server gets an event with the volume as its tag."""
    with neighbour(lambda _: Said(200, b"{}", JSON)) as (url, asked):
        assert Nova(remote(url)).tell(event, "v", ["t", "s"])
    (request,) = asked
    assert (request.method, request.path) == ("POST", "/os-server-external-events")
    assert request.headers["openstack-api-version"] == f"compute {version}"
    facts = {"name": event, "status": "completed", "tag": "v"}
    assert request.json == {"events": [{**facts, "server_uuid": "s"}, {**facts, "server_uuid": "t"}]}


@pytest.mark.parametrize("status", [207, 403, 404, 500])
def test_not_told(status: int) -> None:
    """Nova may know some of the servers only, or not accept this service; 422 within 207 is one that has no host."""
    with neighbour(lambda _: Said(status, b'{"events": []}', JSON)) as (url, _):
        assert not Nova(remote(url)).tell("volume-extended", "v", ["s"])


def test_nobody_to_tell() -> None:
    """Without a Nova, nobody was told."""
    assert not Nova(remote()).tell("volume-extended", "v", ["s"])
