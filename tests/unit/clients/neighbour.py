"""An HTTP server that answers as a test says, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from keystoneauth1.session import Session

from lapilli.clients.login import Identities
from lapilli.clients.remote import Remote


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """One answer; `breaks_off` sends less than it has promised."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: bool = False


Answer = Callable[[Asked], Said]


@contextmanager
def neighbour(answer: Answer) -> Iterator[tuple[str, list[Asked]]]:
    """Its URL, and the requests so far."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append(Asked(self.command, self.path, headers, body))
            said = answer(asked[-1])
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body) + said.breaks_off))
            self.end_headers()
            self.wfile.write(said.body)
            self.close_connection = said.breaks_off

        do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def remote(*urls: str, retries: int = 0) -> Remote:
    """Requests to these URLs without a Keystone, and without pauses."""
    return Remote("The other side", Session(timeout=5), Identities(), urls=urls, retries=retries, pause_s=0)
