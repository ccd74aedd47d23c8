"""What the service says of itself before anyone is known: versions, health, and its OpenAPI document."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from lapilli.api import openapi
from lapilli.api.faults import fault_of
from lapilli.api.microversions import NEWEST
from lapilli.api.request import Route
from lapilli.api.versions import OLDEST, NotServed, negotiate
from lapilli.model.errors import Malformed

Answer = tuple[int, str, bytes, Mapping[str, str]]
"""Status, content type, body, further headers."""

_JSON: Final = "application/json"
_UPDATED: Final = "2023-08-31T00:00:00Z"
_VERSION_SUFFIX: Final = re.compile(r"/v[0-9]+/?$")


class Discovery:
    """Answers that need no identity."""

    def __init__(self, routes: Sequence[Route], public_endpoint: str | None, disabled_by: Path | None = None) -> None:
        self._routes = routes
        self._public_endpoint = public_endpoint
        self._disabled_by = disabled_by

    def find(self, method: str, path: str, environ: Mapping[str, Any]) -> Answer | None:
        """The answer to a path that needs no identity, or None for any other."""
        match method, path:
            case _, "/":
                return 300, _JSON, self._versions(environ), _version_headers(environ)
            case "GET", "" | "/v3":
                location = f"{base_url(environ, None)}{path}/"
                return 302, "text/plain; charset=utf8", b"", {"Location": location}
            case "GET" | "HEAD", "/healthcheck":
                return self._health(method)
            case "GET", "/openapi.json":
                return self._openapi(environ)
        return None

    def _health(self, method: str) -> Answer:
        if self._disabled_by and self._disabled_by.exists():
            return 503, "text/plain", b"DISABLED BY FILE" if method == "GET" else b"", {}
        return (200, "text/plain", b"OK", {}) if method == "GET" else (204, "text/plain", b"", {})

    def _openapi(self, environ: Mapping[str, Any]) -> Answer:
        """The document of `?version=3.43`; without one, of the newest."""
        asked = parse_qs(environ.get("QUERY_STRING", "")).get("version", [f"3.{NEWEST}"])[-1]
        try:
            minor = negotiate(f"volume {asked}").minor
        except (Malformed, NotServed) as error:
            fault = fault_of(error)
            return fault.status, _JSON, msgspec.json.encode(fault.body), {}
        return 200, _JSON, openapi.document(self._routes, minor, base_url(environ, self._public_endpoint)), {}

    def version_document(self, environ: Mapping[str, Any]) -> Answer:
        """`GET /v3/`."""
        return 200, _JSON, self._versions(environ), _version_headers(environ)

    def _versions(self, environ: Mapping[str, Any]) -> bytes:
        base = base_url(environ, self._public_endpoint)
        kind = {"base": _JSON, "type": "application/vnd.openstack.volume+json;version=3"}
        version = {
            "id": "v3.0",
            "status": "CURRENT",
            "version": f"3.{NEWEST}",
            "min_version": f"3.{OLDEST}",
            "updated": _UPDATED,
            "links": [
                {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
                {"rel": "self", "href": f"{base}/v3/"},
            ],
            "media-types": [kind],
        }
        return msgspec.json.encode({"versions": [version]})


def _version_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    try:
        version = negotiate(environ.get("HTTP_OPENSTACK_API_VERSION"))
    except (Malformed, NotServed):
        return {}
    return {"OpenStack-API-Version": f"volume {version}", "Vary": "OpenStack-API-Version"}


def base_url(environ: Mapping[str, Any], public_endpoint: str | None) -> str:
    """What comes before `/v3` in links: the operator's setting, else what the client called."""
    if public_endpoint:
        return _VERSION_SUFFIX.sub("", public_endpoint).rstrip("/")
    host = environ.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip() or environ.get("HTTP_HOST")
    if not host:
        host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"
