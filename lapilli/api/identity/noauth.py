"""No identity service: whoever reaches the port is who they say. For one machine, and for tests."""

import ipaddress

from lapilli.api.identity import Headers, check_url_project
from lapilli.model.errors import Malformed
from lapilli.model.values import Caller

_EVERYTHING = frozenset({"admin", "member", "reader"})
# What keystoneauth1 sends as token for `--os-auth-type none`.
_NO_TOKEN = "notused"  # noqa: S105 - it means that there is none


class NoAuth:
    """Takes `X-Auth-Token: user:project` as said, and no token at all as `admin` in the project of the URL.

    Everybody has the roles admin, member and reader. `X-Roles: member,reader` takes exactly those instead, so that
    the policy can be tried, and `X-Service-Roles: service` lets a request count as a service's.
    """

    challenge = 'Basic realm="Lapilli"'

    def identify(self, headers: Headers, url_project: str | None, method: str, path: str) -> Caller:  # noqa: ARG002
        token = headers.get("x-auth-token", "").strip()
        user, _, project = ("" if token == _NO_TOKEN else token).partition(":")
        user = user or "admin"
        caller = Caller(
            user_id=user,
            project_id=project or url_project or user,
            roles=_words(headers["x-roles"]) if "x-roles" in headers else _EVERYTHING,
            is_admin=False,
            service_roles=_words(headers.get("x-service-roles", "")),
            token=token,
        )
        return check_url_project(caller, url_project)


def refuse_exposed_noauth(listen_host: str, *, forced: bool) -> None:
    """Raise `Malformed` if a server without identity would listen where other machines reach it, unless forced."""
    if forced or listen_host == "localhost":
        return
    try:
        address = ipaddress.ip_address(listen_host.strip("[]"))
    except ValueError:
        address = None
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner is None or not inner.is_loopback:
        raise Malformed(
            f"auth_strategy = noauth lets everybody in who reaches {listen_host or 'any address'}. "
            "Listen on 127.0.0.1 or ::1, choose http_basic or keystone, or force it."
        )


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())
