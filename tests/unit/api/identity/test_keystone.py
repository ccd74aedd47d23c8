"""The memory of tokens, with a clock that the test moves. What Keystone itself says is tested in tests/system."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from lapilli.api.identity.keystone import Keystone
from lapilli.api.identity.settings import KeystoneSettings
from lapilli.api.identity.token import Token
from lapilli.model.errors import Unauthenticated
from lapilli.model.values import Caller

MIA = Caller("mia", "p1", frozenset({"member"}), False)
NOVA = Caller("nova", "service", frozenset({"service"}), False)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Book:
    """Knows the tokens that are written in it, and counts how often it is asked."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.tokens: dict[str, Token] = {}
        self.asked = 0

    def write(self, secret: str, caller: Caller, for_s: float) -> None:
        self.tokens[secret] = Token(replace(caller, token=secret), self.clock() + for_s)

    def validate(self, secret: str, *, allow_expired: bool) -> Token | None:
        self.asked += 1
        token = self.tokens.get(secret)
        return token if token and (allow_expired or token.expires_at_s > self.clock()) else None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> Book:
    book = Book(clock)
    book.write("user", MIA, 3600)
    book.write("service", NOVA, 86400)
    return book


def identity(book: Book, **settings: Any) -> Keystone:
    return Keystone(KeystoneSettings(**settings), book, book.clock)


def known(keystone: Keystone, token: str, service: str = "") -> bool:
    headers = {"x-auth-token": token, "x-service-token": service}
    try:
        return keystone.identify(headers, None, "GET", "/v3").token == token
    except Unauthenticated:
        return False


def test_remembered(book: Book, clock: Clock) -> None:
    """A token is asked about once in `token_cache_time`."""
    keystone = identity(book)
    for passed_s, asked in ((0, 1), (0, 1), (299, 1), (2, 2)):
        clock.now += passed_s
        assert known(keystone, "user")
        assert book.asked == asked


def test_not_past_expiry(book: Book, clock: Clock) -> None:
    """A remembered token serves no longer than it is valid, except beside a service's."""
    keystone = identity(book)
    book.write("short", MIA, 10)
    assert known(keystone, "short")
    clock.now += 10
    assert not known(keystone, "short")
    assert known(keystone, "short", "service")
    assert not known(keystone, "short")


def test_expired_service_token(book: Book, clock: Clock) -> None:
    """An expired service's token spoils the request, remembered or not."""
    keystone = identity(book)
    book.write("brief", NOVA, 10)
    assert known(keystone, "user", "brief")
    clock.now += 10
    assert not known(keystone, "user", "brief")
    assert not known(identity(book), "user", "brief")


def test_no_memory(book: Book) -> None:
    """A `token_cache_time` of -1 asks each time, about invalid tokens too."""
    keystone = identity(book, token_cache_time=-1)
    assert [known(keystone, token) for token in ("user", "user", "no", "no")] == [True, True, False, False]
    assert book.asked == 4


def test_invalid_for_seconds(book: Book, clock: Clock) -> None:
    """An invalid token is asked about again after seconds, for Keystone may have been behind."""
    keystone = identity(book)
    assert [known(keystone, "late") for _ in range(3)] == [False] * 3
    assert book.asked == 1
    book.write("late", MIA, 3600)
    clock.now += 5
    assert known(keystone, "late")


def test_nothing_to_ask(book: Book) -> None:
    """Without a token, or with one that no header could carry on, nobody is asked."""
    keystone = identity(book)
    assert not any(known(keystone, token) for token in ("", "  ", "ü", "a\nb", "a" * 5000))
    assert book.asked == 0


def test_a_flood_of_invalid_tokens(book: Book, clock: Clock) -> None:
    """What strangers send is forgotten in its order, and takes the place of no caller who is known."""
    keystone = identity(book)
    assert known(keystone, "user")
    assert not any(known(keystone, f"guess-{number}") for number in range(5000))
    asked = book.asked
    assert known(keystone, "user")
    assert not known(keystone, "guess-4999")
    assert book.asked == asked
    assert not known(keystone, "guess-0")
    assert book.asked == asked + 1


def test_blanks_around(book: Book) -> None:
    """Blanks around a token do not count."""
    caller = identity(book).identify({"x-auth-token": " user "}, None, "GET", "/v3")
    assert caller.user_id == "mia"


def test_roles_of_services(book: Book) -> None:
    """`service_token_roles` says which roles make a service."""
    assert known(identity(book), "user", "service")
    assert not known(identity(book, service_token_roles=("operator",)), "user", "service")


def test_challenge(book: Book) -> None:
    """Those who come without a token are told where Keystone is."""
    keystone = identity(book, auth_url="http://inner:5000", www_authenticate_uri="http://outer:5000")
    assert keystone.challenge == 'Keystone uri="http://outer:5000"'
    assert identity(book, auth_url="http://inner:5000").challenge == 'Keystone uri="http://inner:5000"'


def test_token_is_not_printed() -> None:
    """A caller's token does not show in messages."""
    assert "sesame" not in repr(replace(MIA, token="sesame"))


def test_light_without_keystone() -> None:
    """keystoneauth1 is not loaded before a Keystone is used."""
    program = "import sys, lapilli.api.identity.keystone; print('keystoneauth1' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"False\n"
