"""What a server of Nova's uses is detached by Nova only (CVE-2023-2088). Nova is a small HTTP server here."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lapilli.clients.connect import nova as connect
from lapilli.clients.login import Identities, session
from lapilli.clients.nova import Nova
from lapilli.clients.remote import Remote
from lapilli.clients.settings import Login, NovaSettings, ServiceUserSettings
from tests.http.client import Answer
from tests.http.lab import Cloud, Prompt
from tests.servers.nova import NovaServer, serving

SERVICE = {"X-Service-Roles": "service"}
CONNECTOR = {"initiator": "iqn.2026-11.org.example:host", "host": "host", "ip": "127.0.0.1"}


@pytest.fixture
def nova() -> Iterator[NovaServer]:
    with serving() as one:
        yield one


def client(nova: NovaServer) -> Nova:
    """The client that the API has, of a Nova that does not ask who it is."""
    return Nova(Remote("The compute service", session(Login(), 5.0), Identities(), urls=[nova.url], retries=0))


@pytest.fixture
def cloud(migrated: Path, tmp_path: Path, nova: NovaServer) -> Iterator[Cloud]:
    """A service that knows this Nova."""
    database = tmp_path / "lapilli.sqlite"
    shutil.copyfile(migrated, database)
    wake = Prompt()
    wake.cloud = Cloud(database, tmp_path / "volumes", wake=wake)
    wake.cloud.lend(servers=client(nova))
    with closing(wake.cloud) as one:
        yield one


def attach(cloud: Cloud, server: str | None, *, volume: str = "", connector: Any = CONNECTOR) -> tuple[str, str]:
    """A volume that a server uses, or a host that is none of Nova's; its id and the attachment's."""
    volume = volume or cloud.volume()
    wish = {"volume_uuid": volume, "connector": connector, **({"instance_uuid": server} if server else {})}
    answer = cloud.call("POST", "/attachments", {"attachment": wish}, version="3.27")
    assert answer.status == 200, answer.text
    attachment = str(answer.json["attachment"]["id"])
    if connector:
        done = cloud.call("POST", f"/attachments/{attachment}/action", {"os-complete": {}}, version="3.44")
        assert done.status == 204, done.text
    return volume, attachment


def used(cloud: Cloud, nova: NovaServer) -> tuple[str, str]:
    """A volume that Nova says a server uses."""
    server = str(uuid.uuid4())
    volume, attachment = attach(cloud, server)
    nova.attachments[server] = [attachment]
    return volume, attachment


def detach(cloud: Cloud, way: str, volume: str, attachment: str, **how: Any) -> Answer:
    if way == "delete":
        return cloud.call("DELETE", f"/attachments/{attachment}", version="3.27", **how)
    wishes = {
        "os-detach": {"attachment_id": attachment},
        "os-force_detach": {"attachment_id": attachment},
        "os-terminate_connection": {"connector": CONNECTOR},
    }
    return cloud.call("POST", f"/volumes/{volume}/action", {way: wishes[way]}, **how)


WAYS = pytest.mark.parametrize("way", ["delete", "os-detach", "os-force_detach", "os-terminate_connection"])


@WAYS
def test_what_a_server_uses_stays(cloud: Cloud, nova: NovaServer, way: str) -> None:
    """No user may detach it, not even an administrator; a service may."""
    volume, attachment = used(cloud, nova)
    for roles in (None, "admin"):
        answer = detach(cloud, way, volume, attachment, roles=roles)
        assert (answer.status, answer.fault) == (409, "conflictingRequest")
    assert cloud.see("volumes", volume)["status"] == "in-use"
    assert detach(cloud, way, volume, attachment, headers=SERVICE).status in {200, 202}
    cloud.work()
    assert cloud.see("volumes", volume)["status"] == "available"
    assert detach(cloud, way, volume, attachment, headers=SERVICE).status in {200, 202, 404}


@WAYS
@pytest.mark.parametrize("lost", ["server", "attachment"])
def test_what_nova_does_not_list(cloud: Cloud, nova: NovaServer, way: str, lost: str) -> None:
    """An attachment that Nova has lost is anybody's to clean up."""
    server = str(uuid.uuid4())
    volume, attachment = attach(cloud, server)
    if lost == "attachment":
        nova.attachments[server] = [str(uuid.uuid4())]
    assert detach(cloud, way, volume, attachment).status in {200, 202}
    assert nova.asked == [f"/servers/{server}/os-volume_attachments"]


def test_what_no_server_uses(cloud: Cloud, nova: NovaServer) -> None:
    """Attachments of no server and those without a connection are nobody else's business."""
    assert detach(cloud, "delete", *attach(cloud, None)).status == 200
    server = str(uuid.uuid4())
    volume, attachment = attach(cloud, server, connector=None)
    nova.attachments[server] = [attachment]
    assert detach(cloud, "delete", volume, attachment).status == 200
    assert nova.asked == []


@pytest.mark.parametrize("roles", ["member", "reader", "admin"])
def test_service_without_the_role(cloud: Cloud, nova: NovaServer, roles: str) -> None:
    """A service token counts with one of `service_token_roles` only."""
    volume, attachment = used(cloud, nova)
    assert detach(cloud, "delete", volume, attachment, headers={"X-Service-Roles": roles}).status == 409


def test_another_service_role(cloud: Cloud, nova: NovaServer) -> None:
    """`service_token_roles` names the roles."""
    volume, attachment = used(cloud, nova)
    cloud.lend(servers=client(nova), service_roles=frozenset({"operator"}))
    assert detach(cloud, "delete", volume, attachment, headers=SERVICE).status == 409
    assert detach(cloud, "delete", volume, attachment, headers={"X-Service-Roles": "x,operator"}).status == 200


@pytest.mark.parametrize(("status", "answered"), [(500, 503), (503, 503), (403, 403)])
def test_nova_does_not_say(cloud: Cloud, nova: NovaServer, status: int, answered: int) -> None:
    """While Nova cannot be asked nothing is detached; the caller may try again."""
    volume, attachment = used(cloud, nova)
    nova.status = status
    answer = detach(cloud, "delete", volume, attachment)
    assert answer.status == answered
    assert cloud.see("volumes", volume)["status"] == "in-use"
    assert ("retry-after" in answer.headers) == (answered == 503)


def test_all_or_none(cloud: Cloud, nova: NovaServer) -> None:
    """Of several attachments none is ended if a server uses one of them."""
    cloud.tell(multiattach=True)
    kind = cloud.type("shared", extra_specs={"multiattach": "<is> True"})
    volume = cloud.volume(volume_type=kind)
    attach(cloud, None, volume=volume)
    server = str(uuid.uuid4())
    _, attachment = attach(cloud, server, volume=volume)
    nova.attachments[server] = [attachment]
    body = {"os-terminate_connection": {"connector": CONNECTOR}}
    assert cloud.call("POST", f"/volumes/{volume}/action", body).status == 409
    assert len(cloud.call("GET", "/attachments", version="3.27").json["attachments"]) == 2


def test_without_nova(cloud: Cloud, nova: NovaServer) -> None:
    """Where there is no Nova, nobody is asked: a server's id is only a word."""
    volume, attachment = used(cloud, nova)
    cloud.lend(servers=None)
    assert detach(cloud, "delete", volume, attachment).status == 200
    assert nova.asked == []


def test_without_nova_in_the_catalog(cloud: Cloud, nova: NovaServer) -> None:
    """A cloud that names no Nova has none, either."""
    volume, attachment = used(cloud, nova)
    cloud.lend(servers=connect(NovaSettings(), Login(), ServiceUserSettings()))
    assert detach(cloud, "delete", volume, attachment).status == 200
