"""What both sides of the comparison have in common: the cast, the places, and the form of a stage."""

import io
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

PROJECT = "a1"
OTHER_PROJECT = "b2"
HOST = "node"
BACKENDS = {"files": 100, "more": 50}
"""Backend → its capacity in GiB. Both place a volume on `files` unless told otherwise."""

ROLES = {
    "admin": (PROJECT, "admin,member,reader"),
    "member": (PROJECT, "member,reader"),
    "reader": (PROJECT, "reader"),
    "other": (OTHER_PROJECT, "member,reader"),
}


class Answer(NamedTuple):
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


def over_wsgi(app: Callable[..., Any], method: str, target: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
    """One request to an application, with the path and query of the URL in `target`."""
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
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(raw),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    begun: list[Any] = []
    text = b"".join(app(environ, lambda status, sent, *_rest: begun.extend((status, sent)))).decode()
    status, sent = begun
    return Answer(int(status.split()[0]), {name.lower(): value for name, value in sent}, text)


class Stage(Protocol):
    """A whole service that does nothing by itself."""

    def send(self, method: str, target: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer the request; what it starts waits for `work`."""

    def work(self) -> None:
        """Finish what was started, and what that starts."""

    def save(self, name: str) -> None:
        """Keep the state under the name."""

    def restore(self, name: str) -> None:
        """Return to the state of that name."""

    def put(self, table: str, id: str, columns: Mapping[str, Any]) -> None:
        """Write the columns of a row."""
