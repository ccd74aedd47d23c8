"""What is beneath the framework: a request's headers and id, and answers that need no route."""

import logging
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import falcon
import msgspec

from lapilli.api import discovery
from lapilli.api.faults import Fault

_log = logging.getLogger(__name__)
encode = msgspec.json.Encoder().encode

StartResponse = Callable[..., Any]
JSON: Final = "application/json"
_REQUEST_ID: Final = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Headers(Mapping[str, str]):
    """The headers of a WSGI environment by their names in lower case, looked up when asked for."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[f"HTTP_{name.upper().replace('-', '_')}"]
        return value

    def __iter__(self) -> Any:
        return (key[5:].lower().replace("_", "-") for key in self._environ if key.startswith("HTTP_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def request_id_of(environ: Mapping[str, Any]) -> str:
    """A new id. Where another service passes its own on, one line of the log ties the two together."""
    request_id = f"req-{uuid.uuid4()}"
    whole = environ.get("HTTP_X_OPENSTACK_REQUEST_ID", "")
    if _REQUEST_ID.fullmatch(whole):
        _log.info("%s is part of %s: %s %r", request_id, whole, environ["REQUEST_METHOD"], environ["PATH_INFO"])
    return request_id


def send_fault(
    start_response: StartResponse, fault: Fault, request_id: str, more: Mapping[str, str]
) -> Iterable[bytes]:
    """Answer with a fault, and with `more` headers."""
    all_headers = {**fault.headers, **_request_ids(request_id), **more}
    return _send(start_response, fault.status, JSON, encode(fault.body), all_headers)


def send_found(start_response: StartResponse, answer: discovery.Answer, request_id: str) -> Iterable[bytes]:
    """Answer with a document that is the same for everybody."""
    status, kind, body, headers = answer
    return _send(start_response, status, kind, body, {**_request_ids(request_id), **headers})


def _request_ids(request_id: str) -> dict[str, str]:
    return {"x-compute-request-id": request_id, "x-openstack-request-id": request_id}


def _send(
    start_response: StartResponse, status: int, kind: str, body: bytes, headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    all_headers = {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}
    start_response(falcon.code_to_http_status(status), list(all_headers.items()))
    return [body]
