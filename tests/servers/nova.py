"""A Nova as far as this service asks it, over HTTP: which attachments its servers have."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PATH = re.compile(r"/servers/([^/]+)/os-volume_attachments")


@dataclass
class NovaServer:
    """`attachments` are the ids by server; `status` is that of every answer if it is not 200."""

    url: str
    attachments: dict[str, list[str]] = field(default_factory=dict)
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, version: str) -> tuple[int, object]:
        self.asked.append(path)
        found = _PATH.fullmatch(path)
        if self.status != 200:
            return self.status, {"computeFault": {"code": self.status, "message": "not now"}}
        if not found or found[1] not in self.attachments:
            return 404, {"itemNotFound": {"code": 404, "message": "Instance could not be found."}}
        # Before 2.89 Nova does not tell the ids of attachments.
        names = version == "compute 2.89"
        rows = [{"attachment_id": each} if names else {} for each in self.attachments[found[1]]]
        return 200, {"volumeAttachments": rows}


@contextlib.contextmanager
def serving() -> Iterator[NovaServer]:
    """A Nova on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, document = nova.answer(self.path, self.headers.get("OpenStack-API-Version", ""))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    nova = NovaServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield nova
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
