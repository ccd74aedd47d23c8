"""Callers by their Keystone tokens, with the rules of keystonemiddleware and a memory of what Keystone said."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, Self

from lapilli.api.identity import Headers, check_url_project
from lapilli.api.identity.memory import Memory
from lapilli.api.identity.questions import Questions
from lapilli.api.identity.settings import KeystoneSettings
from lapilli.api.identity.token import Token
from lapilli.model.errors import Unauthenticated
from lapilli.model.values import Caller

# Long enough that a client in a loop does not reach Keystone each time, short enough to forget a mistake of Keystone's.
_REMEMBER_INVALID_S = 5.0
_REMEMBERED = 4096
_LONGEST = 4096
# Fewer than the threads of a process, so that callers who are known are served while strangers wait.
_AT_ONCE = 8
_WAIT_S = 5.0
# The names that catalogs and access rules have for block storage.
_SERVICE_TYPES = frozenset({"block-storage", "block-store", "volume", "volumev2", "volumev3"})


class Validates(Protocol):
    """Says what a token stands for, as `validation.Validation` does by asking Keystone."""

    def validate(self, secret: str, *, allow_expired: bool) -> Token | None: ...


class Keystone:
    """Knows callers by `X-Auth-Token`, and services that act for them by `X-Service-Token`.

    A token is asked about once in `token_cache_time`, so that one that is revoked may serve for that long; none serves
    after its expiry, except beside the token of a service: a long task may outlive the token that it began with.
    """

    def __init__(
        self, settings: KeystoneSettings, validation: Validates, clock: Callable[[], float] = time.time
    ) -> None:
        self.challenge = f'Keystone uri="{settings.www_authenticate_uri or settings.auth_url}"'
        self._validation = validation
        self._clock = clock
        self._remember_s = settings.token_cache_time
        self._service_roles = frozenset(settings.service_token_roles)
        self._service_roles_required = settings.service_token_roles_required
        self._service_types = frozenset({settings.service_type}) if settings.service_type else _SERVICE_TYPES
        self._valid: Memory[Token] = Memory(_REMEMBERED, clock)
        self._invalid: Memory[bool] = Memory(_REMEMBERED, clock)
        self._questions: Questions[Token | None] = Questions(_AT_ONCE, _WAIT_S)

    @classmethod
    def connect(cls, settings: KeystoneSettings) -> Self:
        """The identity of a real Keystone. Raises `Malformed` for settings that cannot work."""
        from lapilli.api.identity.validation import Validation  # noqa: PLC0415 - half a second that others need not pay

        return cls(settings, Validation(settings))

    def identify(self, headers: Headers, url_project: str | None, method: str, path: str) -> Caller:
        service = self._service(headers.get("x-service-token", "").strip())
        is_service = service is not None and not self._service_roles.isdisjoint(service.roles)
        token = self._find(headers.get("x-auth-token", "").strip(), allow_expired=is_service)
        if token is None:
            raise _unknown()
        # A request that a service passes on is not the one that the user of the credential made.
        if token.access_rules is not None and service is None and not self._permits(token, method, path):
            raise _unknown()
        caller = replace(token.caller, service_roles=service.roles) if service else token.caller
        return check_url_project(caller, url_project)

    def _service(self, secret: str) -> Caller | None:
        """Who passes the request on, if it says that somebody does."""
        if not secret:
            return None
        token = self._find(secret, allow_expired=False)
        if token is None or (self._service_roles_required and self._service_roles.isdisjoint(token.caller.roles)):
            raise _unknown()
        return token.caller

    def _permits(self, token: Token, method: str, path: str) -> bool:
        return any(rule.permits(self._service_types, method, path) for rule in token.access_rules or ())

    def _find(self, secret: str, *, allow_expired: bool) -> Token | None:
        """The token, from memory or from Keystone; None if it is not valid."""
        # No token is so long or made of other characters, and it could not be sent on to Keystone.
        if not 0 < len(secret) <= _LONGEST or not (secret.isascii() and secret.isprintable()):
            return None
        key = hashlib.sha256(secret.encode()).digest()
        token = self._valid.find(key)
        if token is None:
            # What is invalid without `allow_expired` may be valid with it.
            if self._invalid.find((key, allow_expired)):
                return None
            token = self._questions.ask((key, allow_expired), lambda: self._ask(secret, key, allow_expired))
            if token is None:
                return None
        if token.expires_at_s <= self._clock() and not allow_expired:
            return None
        return token

    def _ask(self, secret: str, key: bytes, allow_expired: bool) -> Token | None:
        """Keystone's word, which is remembered before anybody else can ask for it."""
        token = self._validation.validate(secret, allow_expired=allow_expired)
        if token is None:
            self._invalid.keep((key, allow_expired), value=True, for_s=min(_REMEMBER_INVALID_S, self._remember_s))
        else:
            self._valid.keep(key, token, self._remember_s)
        return token


def _unknown() -> Unauthenticated:
    return Unauthenticated("The request you have made requires authentication.")
