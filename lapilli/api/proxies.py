"""What a proxy in front says of the request that it got: its scheme, its host, and where the API lies below it."""

import re
from typing import Any, Final

_SCHEMES: Final = {"http", "https"}
_HOST: Final = re.compile(r"[A-Za-z0-9.\-_]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~\-]+)+")


def believe(environ: dict[str, Any]) -> None:
    """Let the WSGI environment be that of the request which the proxy nearest to the client got.

    `Forwarded` (RFC 7239) counts before `X-Forwarded-Proto` and `-Host`. What cannot be a scheme, host or path is
    passed over.
    """
    said = _first(environ.get("HTTP_FORWARDED", ""))
    scheme = said.get("proto") if said else environ.get("HTTP_X_FORWARDED_PROTO", "").partition(",")[0].strip()
    host = said.get("host") if said else environ.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip()
    if scheme and scheme.lower() in _SCHEMES:
        environ["wsgi.url_scheme"] = scheme.lower()
    if host and _HOST.fullmatch(host):
        environ["HTTP_HOST"] = host
    prefix = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
    if _PREFIX.fullmatch(prefix):
        environ["SCRIPT_NAME"] = prefix + environ.get("SCRIPT_NAME", "")


def _first(header: str) -> dict[str, str]:
    """The pairs of the first element: `for=192.0.2.60;proto=https;host="api.example.org:8776"`."""
    pairs = (pair.partition("=") for pair in header.partition(",")[0].split(";"))
    return {name.strip().lower(): value.strip().strip('"') for name, equals, value in pairs if equals}
