"""Callers by the tokens of a real Keystone."""

import time
import uuid

import pytest

from lapilli.api.identity import Headers
from lapilli.api.identity.keystone import Keystone
from lapilli.model.errors import Malformed, Unauthenticated, Unavailable
from lapilli.model.values import Caller
from tests.system.identity_cloud import IdentityCloud
from tests.system.keystone_server import KeystoneServer


@pytest.fixture
def keystone(cloud: IdentityCloud) -> Keystone:
    return Keystone.connect(cloud.settings())


def identify(keystone: Keystone, token: str, service_token: str = "", url_project: str | None = None) -> Caller:
    headers: Headers = {"x-auth-token": token, "x-service-token": service_token}
    return keystone.identify(headers, url_project, "GET", "/v3/volumes")


def test_member(cloud: IdentityCloud, keystone: Keystone) -> None:
    """A member's token gives its user, project, domains and the roles that `member` implies."""
    caller = identify(keystone, cloud.token("mia", "lab"), url_project=cloud.lab_id)
    assert caller.project_id == cloud.lab_id
    assert caller.roles == {"member", "reader"}
    assert (caller.user_domain_id, caller.project_domain_id) == ("default", "default")
    assert not caller.is_admin
    assert not caller.service_roles


def test_another_project_in_the_url(cloud: IdentityCloud, keystone: Keystone) -> None:
    """A URL with another project than the token's is malformed."""
    with pytest.raises(Malformed):
        identify(keystone, cloud.token("mia", "lab"), url_project=uuid.uuid4().hex)


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAABnonsense", "a b", "ü"])
def test_invalid_tokens(keystone: Keystone, token: str) -> None:
    """What is no token of this Keystone lets nobody in, however often it is sent."""
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            identify(keystone, token)


def test_scopes(cloud: IdentityCloud, keystone: Keystone) -> None:
    """Tokens of the system and of a domain say so, and have no project."""
    admin_id = cloud.user_id("admin")
    cloud.admin.put(f"/domains/default/users/{admin_id}/roles/{cloud.role_id('admin')}")
    system = identify(keystone, cloud.scoped_token("admin", {"system": {"all": True}}))
    domain = identify(keystone, cloud.scoped_token("admin", {"domain": {"id": "default"}}))
    assert (system.system_scope, system.project_id, system.domain_id) == (True, "", None)
    assert (domain.system_scope, domain.project_id, domain.domain_id) == (False, "", "default")
    assert "admin" in system.roles & domain.roles


def test_revoked_token(cloud: IdentityCloud) -> None:
    """A revoked token is refused at once without memory, and still known within its time with memory."""
    forgetful = Keystone.connect(cloud.settings(token_cache_time=-1))
    remembering = Keystone.connect(cloud.settings())
    token = cloud.token("mia", "lab")
    assert identify(forgetful, token) == identify(remembering, token)
    cloud.admin.delete("/auth/tokens", headers={"X-Subject-Token": token})
    assert identify(remembering, token)
    with pytest.raises(Unauthenticated):
        identify(forgetful, token)


def test_service_token(cloud: IdentityCloud, keystone: Keystone) -> None:
    """A service's token beside the user's leaves the caller the user, with the service's roles noted."""
    caller = identify(keystone, cloud.token("mia", "lab"), cloud.token("nova", "service"))
    assert caller.project_id == cloud.lab_id
    assert "service" in caller.service_roles
    assert "service" not in caller.roles


def test_user_as_service(cloud: IdentityCloud, keystone: Keystone) -> None:
    """A user's token in place of a service's is refused, unless the settings say that any will do."""
    token = cloud.token("mia", "lab")
    with pytest.raises(Unauthenticated):
        identify(keystone, token, token)
    lax = Keystone.connect(cloud.settings(service_token_roles_required=False))
    assert identify(lax, token, token).service_roles == {"member", "reader"}


def test_expired_token(cloud: IdentityCloud, keystone: Keystone) -> None:
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


def test_access_rules(cloud: IdentityCloud, keystone: Keystone) -> None:
    """A restricted application credential may do what its rules say, and a service may pass on anything for it."""
    headers = {"x-auth-token": cloud.restricted_token("block-storage", "GET", "/v3/volumes/*")}
    assert keystone.identify(headers, None, "GET", "/v3/volumes/1").project_id == cloud.lab_id
    for method, path in (("DELETE", "/v3/volumes/1"), ("GET", "/v3/volumes"), ("GET", "/v3/volumes/1/metadata")):
        with pytest.raises(Unauthenticated):
            keystone.identify(headers, None, method, path)
    headers["x-service-token"] = cloud.token("nova", "service")
    assert keystone.identify(headers, None, "DELETE", "/v3/volumes/1").project_id == cloud.lab_id


def test_access_rule_of_another_service(cloud: IdentityCloud, keystone: Keystone) -> None:
    """A rule for another service permits nothing here."""
    token = cloud.restricted_token("compute", "GET", "/**")
    with pytest.raises(Unauthenticated):
        identify(keystone, token)


def test_own_credentials_refused(cloud: IdentityCloud) -> None:
    """A service that Keystone does not let in says that it cannot tell, not that the caller is nobody."""
    keystone = Keystone.connect(cloud.settings(password="wrong"))
    with pytest.raises(Unavailable):
        identify(keystone, cloud.token("mia", "lab"))
