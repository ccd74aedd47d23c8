"""Locations: what `host@backend#pool` is made of."""

import pytest

from lapilli.model.values import Location


@pytest.mark.parametrize(
    ("text", "host", "backend", "pool", "service"),
    [
        ("node@lvm1#fast", "node", "lvm1", "fast", "node@lvm1"),
        ("node@lvm1", "node", "lvm1", None, "node@lvm1"),
        ("node#fast", "node", None, "fast", "node"),
        ("node", "node", None, None, "node"),
        ("node@lvm1#a#b", "node", "lvm1", "a#b", "node@lvm1"),
    ],
)
def test_a_location_is_read_and_written(
    text: str, host: str, backend: str | None, pool: str | None, service: str
) -> None:
    """The first separators count, and writing gives back what was read."""
    location = Location.parse(text)
    assert (location.host, location.backend, location.pool, location.service) == (host, backend, pool, service)
    assert str(location) == text
