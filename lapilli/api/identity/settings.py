"""The options of `[keystone_authtoken]`, under the names that keystonemiddleware and keystoneauth1 gave them."""

from dataclasses import dataclass

from lapilli.clients.settings import Login
from lapilli.model.options import option


@dataclass(frozen=True)
class KeystoneSettings(Login):
    """How this service logs in to Keystone, and what it takes for valid."""

    interface: str = option(
        "internal", choices=("public", "internal", "admin"), help="Endpoint of Keystone to ask, by its kind."
    )
    www_authenticate_uri: str | None = option(None, help="Public Keystone, told to clients that come without a token.")
    http_connect_timeout: float = option(10.0, low=0.1, help="Seconds to wait for an answer of Keystone.")
    http_request_max_retries: int = option(3, low=0, help="How often a lost connection to Keystone is tried again.")
    token_cache_time: int = option(300, low=-1, help="Seconds for which a token is not asked about again; -1 is never.")
    service_token_roles: tuple[str, ...] = option(("service",), help="Roles, any of which makes a service's token.")
    service_token_roles_required: bool = option(
        True, help="Refuse requests whose X-Service-Token has none of those roles."
    )
    service_type: str | None = option(
        None, help="The only service type in access rules that means this service; without it, every usual one does."
    )
    memcached_servers: tuple[str, ...] = option((), help="Not used: each process remembers tokens by itself.")
    delay_auth_decision: bool = option(False, help="Not used: requests without a valid token are always refused.")
