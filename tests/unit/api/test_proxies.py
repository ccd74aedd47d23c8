"""What is believed of a proxy's headers."""

import pytest

from lapilli.api.proxies import believe

PLAIN = {"wsgi.url_scheme": "http", "HTTP_HOST": "inner:8776", "SCRIPT_NAME": ""}


@pytest.mark.parametrize(
    ("sent", "scheme", "host", "below"),
    [
        ({}, "http", "inner:8776", ""),
        ({"X_FORWARDED_PROTO": "https"}, "https", "inner:8776", ""),
        ({"X_FORWARDED_PROTO": "HTTPS, http"}, "https", "inner:8776", ""),
        ({"X_FORWARDED_HOST": "api.example.org"}, "http", "api.example.org", ""),
        ({"X_FORWARDED_HOST": "first, last:443"}, "http", "last:443", ""),
        ({"X_FORWARDED_PREFIX": "/volume/"}, "http", "inner:8776", "/volume"),
        ({"FORWARDED": 'for=192.0.2.60;Proto=https;host="api:443"'}, "https", "api:443", ""),
        ({"FORWARDED": "host=[2001:db8::1]:443, host=second"}, "http", "[2001:db8::1]:443", ""),
        ({"FORWARDED": "proto=https", "X_FORWARDED_HOST": "passed.over"}, "https", "inner:8776", ""),
        ({"X_FORWARDED_PROTO": "gopher"}, "http", "inner:8776", ""),
        ({"X_FORWARDED_HOST": 'evil" onclick="x'}, "http", "inner:8776", ""),
        ({"X_FORWARDED_PREFIX": "//evil.org"}, "http", "inner:8776", ""),
        ({"X_FORWARDED_PREFIX": "/a b"}, "http", "inner:8776", ""),
        ({"FORWARDED": ";;=,"}, "http", "inner:8776", ""),
    ],
)
def test_believed(sent: dict[str, str], scheme: str, host: str, below: str) -> None:
    """`Forwarded` counts before the older headers, and nonsense is passed over."""
    environ = {**PLAIN, **{f"HTTP_{name}": value for name, value in sent.items()}}
    believe(environ)
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"], environ["SCRIPT_NAME"]) == (scheme, host, below)


def test_below_a_web_server() -> None:
    """A proxy's prefix comes before the path at which a web server has put the API."""
    environ = {**PLAIN, "SCRIPT_NAME": "/cinder", "HTTP_X_FORWARDED_PREFIX": "/volume"}
    believe(environ)
    assert environ["SCRIPT_NAME"] == "/volume/cinder"
