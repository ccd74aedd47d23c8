"""Everybody's client: requests of the real application without a socket, and their answers, both held to what is
published of them.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from lapilli.api.application import Application
from tests.http import truth

PROJECT = "a1"


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def fault(self) -> str:
        """The key of a fault body, after a look at its form."""
        ((key, inner),) = self.json.items()
        assert inner["code"] == self.status
        assert inner["message"]
        return str(key)


class Client:
    """Who asks the application `app`."""

    app: Application

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: str | None = None,
        roles: str | None = None,
        project: str = PROJECT,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request. `path` begins after `/v3`; `version` is such as `3.66`; `body` is JSON unless it is bytes.

        Without `roles` the caller is an administrator.
        """
        sent = {"X-Auth-Token": f"someone:{project}", **(headers or {})}
        if version is not None:
            sent["OpenStack-API-Version"] = f"volume {version}"
        if roles is not None:
            sent["X-Roles"] = roles
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if raw:
            sent.setdefault("Content-Type", "application/json")
        return self.send(method, f"/v3{path}", raw, sent)

    def send(self, method: str, target: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
        """The request as it is, with the path and query of the URL in `target`."""
        url = urlsplit(target)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "SERVER_NAME": "lab",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "lab",
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
            "wsgi.errors": io.StringIO(),
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        begun: list[Any] = []
        text = b"".join(self.app(environ, lambda status, sent, *_rest: begun.extend((status, sent)))).decode()
        status, sent = begun
        answer = Answer(int(status.split()[0]), {name.lower(): value for name, value in sent}, text)
        version = answer.headers.get("openstack-api-version", "")
        if match := re.fullmatch(r"volume 3\.(\d+)", version):
            truth.check(method, url.path, int(match[1]), raw, answer.status, text)
        return answer
