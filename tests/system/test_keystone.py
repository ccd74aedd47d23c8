"""Callers by the tokens of a real Keystone."""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter

from lapilli.api.identity import Headers
from lapilli.api.identity.keystone import Keystone
from lapilli.api.identity.settings import KeystoneSettings
from lapilli.model.errors import Malformed, Unauthenticated, Unavailable
from lapilli.model.values import Caller
from tests.system.keystone_server import KeystoneServer


@dataclass
class Cloud:
    """A Keystone with the project `lab`, its member `mia`, and the service users `cinder` and `nova`."""

    server: KeystoneServer
    admin: Adapter
    lab_id: str

    def settings(self, **changes: Any) -> KeystoneSettings:
        settings = KeystoneSettings(
            auth_url=self.server.url.removesuffix("/v3"),
            username="cinder",
            password="secret",
            project_name="service",
            http_request_max_retries=0,
        )
        return replace(settings, **changes)

    def token(self, user: str, project: str) -> str:
        return str(self.server.user(user, "secret", project).get_token())


def create(admin: Adapter, kind: str, **facts: Any) -> str:
    return str(admin.post(f"/{kind}s", json={kind: facts}).json()[kind]["id"])


def role_id(admin: Adapter, name: str) -> str:
    found = admin.get("/roles", params={"name": name}).json()["roles"]
    return found[0]["id"] if found else create(admin, "role", name=name)


def add_user(admin: Adapter, name: str, project_id: str, *roles: str) -> None:
    user_id = create(admin, "user", name=name, password="secret", domain_id="default")
    for role in roles:
        admin.put(f"/projects/{project_id}/users/{user_id}/roles/{role_id(admin, role)}")


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    server = KeystoneServer()
    try:
        server.start()
        admin = server.administrator()
        lab_id = create(admin, "project", name="lab", domain_id="default")
        service_id = create(admin, "project", name="service", domain_id="default")
        add_user(admin, "mia", lab_id, "member")
        add_user(admin, "cinder", service_id, "service", "admin")
        add_user(admin, "nova", service_id, "service", "admin")
        yield Cloud(server, admin, lab_id)
    finally:
        server.remove()


@pytest.fixture
def keystone(cloud: Cloud) -> Keystone:
    return Keystone.connect(cloud.settings())


def identify(keystone: Keystone, token: str, service_token: str = "", url_project: str | None = None) -> Caller:
    headers: Headers = {"x-auth-token": token, "x-service-token": service_token}
    return keystone.identify(headers, url_project, "GET", "/v3/volumes")


def test_member(cloud: Cloud, keystone: Keystone) -> None:
    """A member's token gives its user, project, domains and the roles that `member` implies."""
    caller = identify(keystone, cloud.token("mia", "lab"), url_project=cloud.lab_id)
    assert caller.project_id == cloud.lab_id
    assert caller.roles == {"member", "reader"}
    assert (caller.user_domain_id, caller.project_domain_id) == ("default", "default")
    assert not caller.is_admin
    assert not caller.service_roles


def test_another_project_in_the_url(cloud: Cloud, keystone: Keystone) -> None:
    """A URL with another project than the token's is malformed."""
    with pytest.raises(Malformed):
        identify(keystone, cloud.token("mia", "lab"), url_project=uuid.uuid4().hex)


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAABnonsense", "a b", "ü"])
def test_invalid_tokens(keystone: Keystone, token: str) -> None:
    """What is no token of this Keystone lets nobody in, however often it is sent."""
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            identify(keystone, token)


def test_scopes(cloud: Cloud, keystone: Keystone) -> None:
    """Tokens of the system and of a domain say so, and have no project."""
    admin_id = cloud.admin.get("/users", params={"name": "admin"}).json()["users"][0]["id"]
    cloud.admin.put(f"/domains/default/users/{admin_id}/roles/{role_id(cloud.admin, 'admin')}")
    system = identify(keystone, scoped(cloud, {"system": {"all": True}}))
    domain = identify(keystone, scoped(cloud, {"domain": {"id": "default"}}))
    assert (system.system_scope, system.project_id, system.domain_id) == (True, "", None)
    assert (domain.system_scope, domain.project_id, domain.domain_id) == (False, "", "default")
    assert "admin" in system.roles & domain.roles


def scoped(cloud: Cloud, scope: object) -> str:
    user = {"name": "admin", "password": "secret", "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": scope}}
    answer = cloud.admin.post("/auth/tokens", json=body, authenticated=False)
    return answer.headers["X-Subject-Token"]


def test_revoked_token(cloud: Cloud) -> None:
    """A revoked token is refused at once without memory, and still known within its time with memory."""
    forgetful = Keystone.connect(cloud.settings(token_cache_time=-1))
    remembering = Keystone.connect(cloud.settings())
    token = cloud.token("mia", "lab")
    assert identify(forgetful, token) == identify(remembering, token)
    cloud.admin.delete("/auth/tokens", headers={"X-Subject-Token": token})
    assert identify(remembering, token)
    with pytest.raises(Unauthenticated):
        identify(forgetful, token)


def test_service_token(cloud: Cloud, keystone: Keystone) -> None:
    """A service's token beside the user's leaves the caller the user, with the service's roles noted."""
    caller = identify(keystone, cloud.token("mia", "lab"), cloud.token("nova", "service"))
    assert caller.project_id == cloud.lab_id
    assert "service" in caller.service_roles
    assert "service" not in caller.roles


def test_user_as_service(cloud: Cloud, keystone: Keystone) -> None:
    """A user's token in place of a service's is refused, unless the settings say that any will do."""
    token = cloud.token("mia", "lab")
    with pytest.raises(Unauthenticated):
        identify(keystone, token, token)
    lax = Keystone.connect(cloud.settings(service_token_roles_required=False))
    assert identify(lax, token, token).service_roles == {"member", "reader"}


def test_expired_token(cloud: Cloud, keystone: Keystone) -> None:
    """An expired token serves beside a service's token only, also when it is remembered from before its expiry."""
    brief = KeystoneServer(expiration_s=2, beside=cloud.server)
    try:
        brief.start()
        unseen, seen = (str(brief.user("mia", "secret", "lab").get_token()) for _ in range(2))
        assert identify(keystone, seen).project_id == cloud.lab_id
    finally:
        brief.remove()
    time.sleep(2.1)
    service = cloud.token("nova", "service")
    for token in (seen, unseen):
        with pytest.raises(Unauthenticated):
            identify(keystone, token)
        assert identify(keystone, token, service).project_id == cloud.lab_id
        with pytest.raises(Unauthenticated):
            identify(keystone, token)


@pytest.fixture
def restricted_token(cloud: Cloud) -> Callable[..., str]:
    """Makes a token of an application credential of mia's with one access rule."""

    def make(service: str, method: str, path: str) -> str:
        mia = cloud.server.user("mia", "secret", "lab")
        facts = {"name": uuid.uuid4().hex, "access_rules": [{"service": service, "method": method, "path": path}]}
        url = f"/users/{mia.get_user_id()}/application_credentials"
        made = mia.post(url, json={"application_credential": facts}).json()["application_credential"]
        credential = {"id": made["id"], "secret": made["secret"]}
        identity = {"methods": ["application_credential"], "application_credential": credential}
        answer = mia.post("/auth/tokens", json={"auth": {"identity": identity}}, authenticated=False)
        return answer.headers["X-Subject-Token"]

    return make


def test_access_rules(cloud: Cloud, keystone: Keystone, restricted_token: Callable[..., str]) -> None:
    """A restricted application credential may do what its rules say, and a service may pass on anything for it."""
    headers = {"x-auth-token": restricted_token("block-storage", "GET", "/v3/volumes/*")}
    assert keystone.identify(headers, None, "GET", "/v3/volumes/1").project_id == cloud.lab_id
    for method, path in (("DELETE", "/v3/volumes/1"), ("GET", "/v3/volumes"), ("GET", "/v3/volumes/1/metadata")):
        with pytest.raises(Unauthenticated):
            keystone.identify(headers, None, method, path)
    headers["x-service-token"] = cloud.token("nova", "service")
    assert keystone.identify(headers, None, "DELETE", "/v3/volumes/1").project_id == cloud.lab_id


def test_access_rule_of_another_service(keystone: Keystone, restricted_token: Callable[..., str]) -> None:
    """A rule for another service permits nothing here."""
    token = restricted_token("compute", "GET", "/**")
    with pytest.raises(Unauthenticated):
        identify(keystone, token)


def test_own_credentials_refused(cloud: Cloud) -> None:
    """A service that Keystone does not let in says that it cannot tell, not that the caller is nobody."""
    keystone = Keystone.connect(cloud.settings(password="wrong"))
    with pytest.raises(Unavailable):
        identify(keystone, cloud.token("mia", "lab"))


def test_keystone_goes_and_comes_back(cloud: Cloud, keystone: Keystone) -> None:
    """While Keystone is away known tokens serve, unknown ones are put off, and afterwards all is well."""
    known, unknown = cloud.token("mia", "lab"), cloud.token("mia", "lab")
    identify(keystone, known)
    cloud.server.stop()
    try:
        assert identify(keystone, known)
        with pytest.raises(Unavailable):
            identify(keystone, unknown)
    finally:
        cloud.server.start()
    assert identify(keystone, unknown).project_id == cloud.lab_id
