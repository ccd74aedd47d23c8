"""Asks Keystone about tokens, through keystoneauth1. Imported only where Keystone is used: it takes half a second."""

import logging
from http import HTTPStatus

from keystoneauth1 import exceptions
from keystoneauth1.adapter import Adapter

from lapilli.api.identity.settings import KeystoneSettings
from lapilli.api.identity.token import Token, read_token
from lapilli.clients.login import credentials, session
from lapilli.model.errors import Unavailable

_log = logging.getLogger(__name__)


class Validation:
    """Keystone's word on tokens, asked with the credentials of `[keystone_authtoken]`. For all threads."""

    def __init__(self, settings: KeystoneSettings) -> None:
        """Raises `Malformed` for settings that cannot work; Keystone itself is asked later."""
        self._keystone = Adapter(
            session(settings, settings.http_connect_timeout),
            # Not the session's: a 401 to the discovery of versions would make it log in while it logs in, and hang.
            auth=credentials(settings, "keystone_authtoken"),
            service_type="identity",
            interface=settings.interface,
            region_name=settings.region_name,
            version="3",
            connect_retries=settings.http_request_max_retries,
        )

    def validate(self, secret: str, *, allow_expired: bool) -> Token | None:
        """What the token stands for; None if Keystone does not know it or it is no more valid.

        `allow_expired` accepts what expired lately, as Keystone's `[token]allow_expired_window` has it. Raises
        `Unavailable` when Keystone does not answer or does not accept this service's own credentials.
        """
        try:
            answer = self._keystone.get(
                "/auth/tokens",
                # The catalog is the larger part of a token, and nothing here looks at it.
                params={"nocatalog": "1", **({"allow_expired": "1"} if allow_expired else {})},
                # Without the second header, Keystone hides tokens that have access rules: it trusts us to apply them.
                headers={"X-Subject-Token": secret, "OpenStack-Identity-Access-Rules": "1"},
                # A 404 here is Keystone's word on the token. One that the login meets is a wrong address, and raised.
                raise_exc=False,
            )
        except (exceptions.ClientException, OSError) as error:
            raise _unavailable(f"does not answer, or not to our login: {error}") from error
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if answer.status_code != HTTPStatus.OK:
            raise _unavailable(f"answers {answer.status_code} {answer.reason}")
        try:
            return read_token(secret, answer.json()["token"])
        except (KeyError, TypeError, ValueError) as error:
            raise _unavailable(f"answers what is no token: {error!r}") from error


def _unavailable(why: str) -> Unavailable:
    """The operator reads why; the caller only that it is not the token's fault."""
    _log.error("Keystone cannot be asked about a token: it %s", why)
    return Unavailable("The identity service is temporarily unavailable. Try again in a moment.")
