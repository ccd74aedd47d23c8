"""A Keystone that is away, hangs, or is something else."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lapilli.api.identity.settings import KeystoneSettings
from lapilli.api.identity.validation import Validation
from lapilli.model.errors import Malformed, Unavailable


def validate(auth_url: str, **settings: Any) -> object:
    settings = {"http_request_max_retries": 0, "http_connect_timeout": 0.3, **settings}
    validation = Validation(KeystoneSettings(auth_url=auth_url, username="cinder", password="secret", **settings))
    return validation.validate("token", allow_expired=False)


@contextlib.contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """An HTTP server that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (503, b""), (200, b"<html>"), (200, b"[]"), (401, b"{}"), (403, b"{}"), (404, b"{}")],
)
@pytest.mark.parametrize("path", ["", "/v3"])
def test_not_a_keystone(status: int, body: bytes, path: str) -> None:
    """Whatever answers in place of Keystone, the caller is put off, not refused."""
    with answering(status, body) as url, pytest.raises(Unavailable):
        validate(url + path)


def test_nobody_listens() -> None:
    """A refused connection puts the caller off."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            validate(f"http://127.0.0.1:{probe.getsockname()[1]}")


def test_hanging() -> None:
    """A Keystone that takes the connection and says nothing is waited for no longer than the settings say."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Unavailable):
            validate(f"http://127.0.0.1:{silent.getsockname()[1]}/v3")


def test_settings_that_cannot_work() -> None:
    """Settings without an address or with an unknown login are refused at the start."""
    with pytest.raises(Malformed, match="auth_url is missing"):
        validate("")
    with pytest.raises(Malformed, match="auth_type = v2password"):
        validate("http://127.0.0.1:1", auth_type="v2password")
