"""What it costs to know who asks: by a token that Keystone is asked about, one that is known, one known to be bad."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from bench.figures import Figure
from lapilli.api.identity.keystone import Keystone
from lapilli.api.identity.settings import KeystoneSettings
from lapilli.model.errors import Unauthenticated
from tests.system.keystone_server import KeystoneServer

_ASKED: Final = 20
_KNOWN: Final = 5_000


def measure(rounds: int) -> Iterator[Figure]:
    """CPU of this process for each request; Keystone's own work is not counted."""
    server = KeystoneServer()
    try:
        server.start()
        token = server.administrator().get_token() or ""
        identity = _identity(server)
        yield Figure("token: Keystone is asked", [_cost_ms(_ask_anew(server, token), _ASKED) for _ in range(rounds)])
        yield Figure("token: known", [_cost_ms(_ask(identity, token), _KNOWN) for _ in range(rounds)])
        yield Figure("token: known to be bad", [_cost_ms(_ask(identity, "bad"), _KNOWN) for _ in range(rounds)])
    finally:
        server.remove()


def _identity(server: KeystoneServer, remember_s: int = 300) -> Keystone:
    settings = KeystoneSettings(
        auth_url=server.url,
        username="admin",
        password="secret",
        project_name="admin",
        user_domain_id="default",
        project_domain_id="default",
        token_cache_time=remember_s,
    )
    return Keystone.connect(settings)


def _ask(identity: Keystone, token: str) -> Callable[[], None]:
    def ask() -> None:
        with suppress(Unauthenticated):
            identity.identify({"x-auth-token": token}, None, "GET", "/v3/volumes")

    return ask


def _ask_anew(server: KeystoneServer, token: str) -> Callable[[], None]:
    return _ask(_identity(server, remember_s=-1), token)


def _cost_ms(work: Callable[[], None], times: int) -> float:
    work()
    before = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - before) * 1000 / times
