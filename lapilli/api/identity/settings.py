"""The options of `[keystone_authtoken]`, under the names that keystonemiddleware and keystoneauth1 gave them."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class KeystoneSettings:
    """Where Keystone is, how this service logs in to it, and what it takes for valid."""

    auth_url: str | None = option(None, help="Where Keystone is, such as http://controller:5000.")
    auth_type: str = option("password", help="How to log in: password, v3password or v3applicationcredential.")
    username: str | None = option(None, legacy=("user_name", "user-name"), help="User of this service.")
    password: str | None = option(None, secret=True, help="Password of this service's user.")
    project_name: str | None = option(None, legacy=("tenant_name",), help="Project of this service's user.")
    user_domain_id: str | None = option(None, help="Domain of the user; `default` if no domain is named.")
    user_domain_name: str | None = option(None, help="Domain of the user, by name.")
    project_domain_id: str | None = option(None, help="Domain of the project; `default` if no domain is named.")
    project_domain_name: str | None = option(None, help="Domain of the project, by name.")
    application_credential_id: str | None = option(None, help="Application credential to log in with.")
    application_credential_secret: str | None = option(None, secret=True, help="Secret of that credential.")
    region_name: str | None = option(None, help="Region whose Keystone is asked.")
    interface: str = option(
        "internal", choices=("public", "internal", "admin"), help="Endpoint of Keystone to ask, by its kind."
    )
    www_authenticate_uri: str | None = option(None, help="Public Keystone, told to clients that come without a token.")
    cafile: str | None = option(None, help="Authorities that sign Keystone's certificate.")
    certfile: str | None = option(None, help="Certificate of this service, for Keystones that ask for one.")
    keyfile: str | None = option(None, help="Key of that certificate.")
    insecure: bool = option(False, help="Talk to a Keystone whose certificate cannot be checked.")
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
