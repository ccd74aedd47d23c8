"""How this service logs in, through keystoneauth1. Imported only where Keystone is used: the library takes a while."""

from dataclasses import dataclass

from keystoneauth1.identity.generic.password import Password
from keystoneauth1.identity.v3 import ApplicationCredential
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.service_token import ServiceTokenAuthWrapper
from keystoneauth1.session import Session
from keystoneauth1.token_endpoint import Token

from lapilli.clients.settings import Login
from lapilli.model.errors import Malformed
from lapilli.model.values import Caller

USER_AGENT = "lapilli"


def credentials(login: Login, section: str) -> BaseAuthPlugin:
    """The login of a section. Raises `Malformed` for settings that cannot work; Keystone itself is asked later."""
    if not login.auth_url:
        raise Malformed(f"[{section}] auth_url is missing: where Keystone is, such as http://controller:5000")
    if login.auth_type in ("password", "v3password"):
        return Password(
            login.auth_url,
            username=login.username,
            password=login.password,
            project_name=login.project_name,
            # Settings of old name no domains: then it is the one that every Keystone has.
            user_domain_id=login.user_domain_id or (None if login.user_domain_name else "default"),
            user_domain_name=login.user_domain_name,
            project_domain_id=login.project_domain_id or (None if login.project_domain_name else "default"),
            project_domain_name=login.project_domain_name,
        )
    if login.auth_type == "v3applicationcredential":
        return ApplicationCredential(
            login.auth_url,
            login.application_credential_secret or "",
            application_credential_id=login.application_credential_id,
        )
    raise Malformed(
        f"[{section}] auth_type = {login.auth_type} is not known here: use password, v3password or "
        "v3applicationcredential"
    )


def session(login: Login, timeout_s: float) -> Session:
    """A session that trusts as the section says. `timeout_s` is how long the other side may be silent."""
    return Session(
        verify=False if login.insecure else login.cafile or True,
        cert=(login.certfile, login.keyfile) if login.certfile and login.keyfile else login.certfile,
        timeout=timeout_s,
        user_agent=USER_AGENT,
    )


@dataclass(frozen=True)
class Identities:
    """As whom requests go. Without `own` there is no Keystone, and they carry no token."""

    own: BaseAuthPlugin | None = None
    vouching: BaseAuthPlugin | None = None
    """Sent as X-Service-Token beside the tokens of callers."""

    def of(self, caller: Caller | None) -> BaseAuthPlugin | None:
        """The login that a request of the caller carries, or one of this service's own."""
        if caller is None or self.own is None:
            return self.own
        user = Token(None, caller.token)
        return ServiceTokenAuthWrapper(user, self.vouching) if self.vouching else user
