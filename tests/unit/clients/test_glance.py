"""Downloads whose connection breaks. The rest is tested with a real Glance, in tests/system."""

import hashlib

import pytest

from lapilli.clients.glance import Glance
from lapilli.model.errors import Unavailable
from lapilli.model.images import Image
from tests.unit.clients.neighbour import Asked, Said, neighbour, remote

MIB = 2**20
DATA = bytes(range(256)) * (5 * MIB // 256)
IMAGE = Image("i", size_bytes=len(DATA), hash_algorithm="sha256", hash_value=hashlib.sha256(DATA).hexdigest())


def broken(asked: Asked) -> Said:
    """Sends half of what is left, and breaks off; all of it, when little is left."""
    start = int(asked.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    rest = DATA[start:]
    if len(rest) > 2 * MIB:
        return Said(206 if start else 200, rest[: len(rest) // 2], breaks_off=True)
    return Said(206, rest)


def test_taken_up_where_it_broke() -> None:
    """A connection that breaks again and again costs no byte, as long as some come each time."""
    with neighbour(broken) as (url, asked):
        assert b"".join(Glance(remote(url), retries=1).download(IMAGE)) == DATA
    assert [each.headers.get("range") for each in asked] == [None, "bytes=2097152-", "bytes=3145728-"]


def test_server_without_ranges() -> None:
    """A server that begins anew would repeat bytes that were taken already."""
    answers = iter([Said(200, DATA[: 2 * MIB], breaks_off=True), Said(200, DATA), Said(200, DATA)])
    with neighbour(lambda _: next(answers)) as (url, _), pytest.raises(Unavailable, match="broke off image i"):
        b"".join(Glance(remote(url), retries=1).download(IMAGE))


def test_nothing_comes() -> None:
    """Who sends nothing is not asked for ever."""
    said = Said(200, b"", breaks_off=True)
    with neighbour(lambda _: said) as (url, asked), pytest.raises(Unavailable, match="after 0 B"):
        b"".join(Glance(remote(url), retries=2).download(IMAGE))
    assert len(asked) == 3


def test_no_bytes_at_all() -> None:
    """Glance says 204 for an image without bytes."""
    with neighbour(lambda _: Said(204)) as (url, _):
        assert b"".join(Glance(remote(url)).download(Image("i"))) == b""
