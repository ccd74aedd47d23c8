"""Callers who are taken at their word, and where that is allowed."""

from collections.abc import Mapping

import pytest
from keystoneauth1.noauth import NoAuth as ClientsNoAuth
from keystoneauth1.session import Session

from lapilli.api.identity.noauth import NoAuth, refuse_exposed_noauth
from lapilli.api.policy import Policy
from lapilli.model.errors import Malformed
from lapilli.model.values import Caller


def identify(headers: Mapping[str, str], url_project: str | None = None) -> Caller:
    return NoAuth().identify(headers, url_project, "GET", "/v3/volumes")


@pytest.mark.parametrize(
    ("token", "url_project", "user", "project"),
    [
        ("mia:p1", "p1", "mia", "p1"),
        ("mia:p1", None, "mia", "p1"),
        ("mia:p:1", None, "mia", "p:1"),
        ("mia", None, "mia", "mia"),
        ("mia", "p1", "mia", "p1"),
        (":p1", None, "admin", "p1"),
        ("", "p1", "admin", "p1"),
        ("", None, "admin", "admin"),
    ],
)
def test_token(token: str, url_project: str | None, user: str, project: str) -> None:
    """The token is USER:PROJECT; what it leaves open comes from the URL, then from Cinder's habits."""
    caller = identify({"x-auth-token": token}, url_project)
    assert (caller.user_id, caller.project_id) == (user, project)
    assert caller.roles == {"admin", "member", "reader"}


def test_no_token() -> None:
    """Without a token, and with what keystoneauth1 sends for `--os-auth-type none`, the URL names the project."""
    session = Session()
    token = ClientsNoAuth().get_token(session)
    for headers in ({}, {"x-auth-token": str(token)}):
        caller = identify(headers, "p1")
        assert (caller.user_id, caller.project_id) == ("admin", "p1")


def test_another_project_in_the_url() -> None:
    """A token for one project and a URL with another do not go together, even for administrators."""
    with pytest.raises(Malformed, match=r"^Malformed request url$"):
        identify({"x-auth-token": "mia:p1"}, "p2")


def test_roles_as_asked() -> None:
    """`X-Roles` takes exactly those roles, and the policy then knows no administrator."""
    policy = Policy.load()
    member = identify({"x-auth-token": "mia:p1", "x-roles": "member, reader,"})
    assert member.roles == {"member", "reader"}
    assert not policy.is_admin(member)
    assert policy.is_admin(identify({"x-auth-token": "mia:p1"}))
    assert identify({"x-roles": ""}).roles == frozenset()


def test_service_roles() -> None:
    """`X-Service-Roles` makes a request count as a service's."""
    assert identify({"x-service-roles": "service"}).service_roles == {"service"}
    assert identify({}).service_roles == frozenset()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"])
def test_loopback(host: str) -> None:
    """On loopback addresses everybody may be let in."""
    refuse_exposed_noauth(host, forced=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "storage.example", "::ffff:10.0.0.1", "fe80::1"])
def test_exposed(host: str) -> None:
    """Elsewhere it takes force."""
    with pytest.raises(Malformed, match="force"):
        refuse_exposed_noauth(host, forced=False)
    refuse_exposed_noauth(host, forced=True)
