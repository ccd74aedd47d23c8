"""The whole service behind a real Keystone: who may do what, and what happens while Keystone is away."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import openstack
import pytest
import requests
from keystoneauth1.identity.v3 import ApplicationCredential
from keystoneauth1.session import Session

from tests.servers.nova import NovaServer, serving
from tests.system.identity_cloud import IdentityCloud
from tests.system.service import CONNECTOR, Service, until

CONFIGURATION = """[DEFAULT]
host = node
auth_strategy = keystone
[keystone_authtoken]
auth_url = {auth_url}
username = cinder
password = secret
project_name = service
http_request_max_retries = 0
"""


class Guarded(Service):
    """A service that lets nobody in without a token."""

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.said()
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/healthcheck", timeout=10).ok
        except OSError:
            return False

    def call(
        self, method: str, path: str, token: str, body: Any = None, *, service_token: str = ""
    ) -> requests.Response:
        """One request at the newest microversion; `path` begins after `/v3`."""
        headers = {"X-Auth-Token": token, "OpenStack-API-Version": "volume 3.71"}
        if service_token:
            headers["X-Service-Token"] = service_token
        return requests.request(
            method, f"http://127.0.0.1:{self.port}/v3{path}", json=body, headers=headers, timeout=60
        )


@pytest.fixture(scope="module")
def nova(cloud: IdentityCloud) -> Iterator[NovaServer]:
    """A Nova that the catalog names."""
    with serving() as one:
        cloud.add_endpoint("compute", one.url)
        yield one


@pytest.fixture(scope="module")
def service(cloud: IdentityCloud, nova: NovaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The service, which the catalog names as well."""
    assert nova
    one = Guarded(tmp_path_factory.mktemp("guarded"), CONFIGURATION.format(auth_url=cloud.auth_url))
    try:
        one.start()
        cloud.add_endpoint("block-storage", f"http://127.0.0.1:{one.port}/v3")
        yield one
    finally:
        one.remove()


@pytest.fixture(scope="module")
def token(cloud: IdentityCloud) -> Callable[..., str]:
    """One token for each user and project."""
    made: dict[tuple[str, str], str] = {}

    def get(user: str, project: str = "lab") -> str:
        return made.get((user, project)) or made.setdefault((user, project), cloud.token(user, project))

    return get


@pytest.fixture(scope="module")
def volume(service: Guarded, token: Callable[..., str]) -> str:
    """A volume of the project lab's."""
    return new_volume(service, token("mia"))


def new_volume(service: Guarded, token: str) -> str:
    answer = service.call("POST", "/volumes", token, {"volume": {"size": 1}})
    assert answer.status_code == 202, answer.text
    id = str(answer.json()["volume"]["id"])

    def status() -> str:
        return str(service.call("GET", f"/volumes/{id}", token).json()["volume"]["status"])

    until(lambda: status() == "available", status)
    return id


@pytest.mark.parametrize(
    ("user", "reads", "writes", "administers"),
    [("eve", 403, 403, 403), ("ray", 200, 403, 403), ("mia", 200, 202, 403), ("ada", 200, 202, 200)],
)
def test_roles(
    service: Guarded, token: Callable[..., str], user: str, reads: int, writes: int, administers: int
) -> None:
    """A role of no meaning here does nothing, readers read, members write, administrators administer."""
    assert service.call("GET", "/volumes", token(user)).status_code == reads
    assert service.call("POST", "/volumes", token(user), {"volume": {"size": 1}}).status_code == writes
    assert service.call("GET", "/os-services", token(user)).status_code == administers


def test_services_are_no_tenants(service: Guarded, cloud: IdentityCloud) -> None:
    """The role of services opens nothing by itself."""
    project_id = cloud.create("project", name=uuid.uuid4().hex, domain_id="default")
    name = uuid.uuid4().hex
    cloud.add_user(name, project_id, "service")
    plain = cloud.scoped_token(name, {"project": {"id": project_id}})
    assert service.call("GET", "/volumes", plain).status_code == 403


def test_found_by_the_catalog(service: Guarded, cloud: IdentityCloud, volume: str) -> None:
    """The SDK finds the service by the names that catalogs have for it, and mia sees her volume."""
    assert service
    names = {"username": "mia", "password": "secret", "project_name": "lab"}
    login: dict[str, Any] = {**names, "user_domain_id": "default", "project_domain_id": "default"}
    with openstack.connect(auth_url=cloud.auth_url, region_name="RegionOne", **login) as mia:
        assert volume in {each.id for each in mia.block_storage.volumes()}


def test_application_credential(service: Guarded, cloud: IdentityCloud, volume: str) -> None:
    """A credential may do what its user may, or what its access rules say."""
    made = cloud.credential()
    login = ApplicationCredential(
        cloud.server.url, application_credential_id=made["id"], application_credential_secret=made["secret"]
    )
    assert service.call("GET", f"/volumes/{volume}", str(Session(auth=login).get_token())).status_code == 200
    restricted = cloud.restricted_token("block-storage", "GET", f"/v3/volumes/{volume}")
    assert service.call("GET", f"/volumes/{volume}", restricted).status_code == 200
    refused = service.call("DELETE", f"/volumes/{volume}", restricted)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == f'Keystone uri="{cloud.auth_url}"'


def test_administrator_of_the_system(service: Guarded, cloud: IdentityCloud, volume: str) -> None:
    """A token of the system sees and administers everything, and makes nothing that needs a project."""
    system = cloud.scoped_token("admin", {"system": {"all": True}})
    listed = service.call("GET", "/volumes?all_tenants=1", system).json()["volumes"]
    assert volume in {each["id"] for each in listed}
    assert service.call("GET", f"/volumes/{volume}", system).status_code == 200
    assert service.call("GET", "/os-services", system).status_code == 200
    made = service.call("POST", "/types", system, {"volume_type": {"name": uuid.uuid4().hex}})
    assert made.status_code == 200
    refused = service.call("POST", "/volumes", system, {"volume": {"size": 1}})
    assert refused.status_code == 400
    assert "belongs to a project" in refused.text
    assert service.call("GET", f"/{cloud.lab_id}/volumes", system).status_code == 400


def test_reader_of_the_system(service: Guarded, cloud: IdentityCloud, volume: str) -> None:
    """No default rule asks for a scope: who only reads the system has no project, and so sees nothing."""
    name = uuid.uuid4().hex
    user_id = cloud.create("user", name=name, password="secret", domain_id="default")
    cloud.admin.put(f"/system/users/{user_id}/roles/{cloud.role_id('reader')}")
    system = cloud.scoped_token(name, {"system": {"all": True}})
    assert service.call("GET", "/volumes?all_tenants=1", system).json() == {"volumes": []}
    assert service.call("GET", f"/volumes/{volume}", system).status_code == 404


def test_what_a_server_uses(service: Guarded, nova: NovaServer, token: Callable[..., str]) -> None:
    """Nova, found by the catalog, is asked before a user's detach; beside Nova's own service token it is not."""
    mia, server = token("mia"), str(uuid.uuid4())
    wish = {"volume_uuid": new_volume(service, mia), "instance_uuid": server, "connector": CONNECTOR}
    made = service.call("POST", "/attachments", mia, {"attachment": wish})
    assert made.status_code == 200, made.text
    attachment = made.json()["attachment"]["id"]
    nova.attachments[server] = [attachment]
    refused = service.call("DELETE", f"/attachments/{attachment}", mia)
    assert (refused.status_code, nova.asked) == (409, [f"/servers/{server}/os-volume_attachments"])
    assert service.call("DELETE", f"/attachments/{attachment}", mia, service_token=mia).status_code == 401
    done = service.call("DELETE", f"/attachments/{attachment}", mia, service_token=token("nova", "service"))
    assert (done.status_code, len(nova.asked)) == (200, 1)


def test_keystone_goes_and_comes_back(service: Guarded, cloud: IdentityCloud) -> None:
    """While Keystone is away known tokens serve and unknown ones are put off; afterwards all is well by itself."""
    known, unknown = cloud.token("mia", "lab"), cloud.token("mia", "lab")
    assert service.call("GET", "/volumes", known).status_code == 200
    cloud.server.stop()
    try:
        for _ in range(3):
            assert service.call("GET", "/volumes", known).status_code == 200
            answer = service.call("GET", "/volumes", unknown)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
    finally:
        cloud.server.start()
    assert service.call("GET", "/volumes", unknown).status_code == 200
