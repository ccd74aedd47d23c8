"""Requests to another OpenStack service: where it is, as whom they go, and when they are tried again."""

import html
import logging
import re
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1.session import Session
from requests import Response

from lapilli.clients.login import Identities
from lapilli.model.errors import Conflict, Forbidden, LapilliError, Malformed, NotFound, Refused, Unavailable
from lapilli.model.values import Caller

_log = logging.getLogger(__name__)

_LONGEST_REASON = 300


class Remote:
    """One service, called `name` in messages.

    It is at one of `urls`, or where the catalog has `service_type`; `version_path` ends its URL. A request that gets
    no answer, or one of 5xx, is tried `retries` times again, each time at the next of the URLs.
    """

    def __init__(
        self,
        name: str,
        session: Session,
        identities: Identities,
        *,
        urls: Sequence[str] = (),
        version_path: str = "",
        catalog: Mapping[str, str | None] | None = None,
        retries: int = 3,
        pause_s: float = 1.0,
    ) -> None:
        self._name = name
        self._session = session
        self._identities = identities
        self._urls = [_with_version(url, version_path) for url in urls]
        self._version_path = version_path
        self._catalog = dict(catalog or {})
        self._retries = retries
        self._pause_s = pause_s

    def send(self, method: str, path: str, *, caller: Caller | None = None, **options: Any) -> Response:
        """The answer, whatever its status below 500. Goes as the caller, or as this service.

        `options` are keystoneauth1's (`json`, `headers`, `params`, `stream` …). Raises `Unavailable`.
        """
        attempt = 0
        while True:
            answer = self._once(method, path, attempt, caller, options)
            if isinstance(answer, Response):
                return answer
            if attempt >= self._retries:
                raise self.unavailable(answer)
            _log.warning("%s %s, asked again: %s", method, path, answer)
            time.sleep(self._pause_s)
            attempt += 1

    def send_once(self, method: str, path: str, **options: Any) -> Response:
        """As `send`, of this service, with a body that cannot be sent again."""
        # After a 401 the library would send the rest of the body as if it were the whole.
        answer = self._once(method, path, 0, None, {**options, "allow_reauth": False})
        if isinstance(answer, Response):
            return answer
        raise self.unavailable(answer)

    def unavailable(self, why: object) -> Unavailable:
        """The service does not do its work now."""
        return Unavailable(f"{self._name} {why}. Try again in a moment.")

    def _once(
        self, method: str, path: str, attempt: int, caller: Caller | None, options: Mapping[str, Any]
    ) -> Response | str:
        """The answer, or why there is none."""
        auth = self._identities.of(caller)
        try:
            answer = self._session.request(
                self._url(attempt) + path,
                method,
                auth=auth,
                authenticated=auth is not None,
                raise_exc=False,
                redirect=False,
                # Bodies of images are large, and those of others may hold secrets.
                log=False,
                **options,
            )
        except (exceptions.ClientException, OSError) as error:
            return f"does not answer: {error}"
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"answers {answer.status_code} {reason_of(answer)}".rstrip()
        return answer

    def _url(self, attempt: int) -> str:
        if self._urls:
            return self._urls[attempt % len(self._urls)]
        own = self._identities.own
        found = own.get_endpoint(self._session, **self._catalog, skip_discovery=True) if own else None
        if not found:
            raise NotFound("Endpoint", f"of {self._name} in the catalog")
        return _with_version(found, self._version_path)


def _with_version(url: str, version_path: str) -> str:
    base = url.rstrip("/")
    return base if base.endswith(version_path) else base + version_path


def refusal(answer: Response, kind: str, id: str) -> LapilliError:
    """What an answer of 4xx about the thing `kind` `id` is called here."""
    reason = reason_of(answer)
    match answer.status_code:
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return NotFound(kind, id)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return Forbidden(f"{kind} {id}: {reason or 'access is not allowed'}.")
        case HTTPStatus.CONFLICT:
            return Conflict(f"{kind} {id}: {reason or 'it is not in a state that allows this'}.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return Refused(f"{kind} {id}: {reason or 'a limit says no'}.")
    return Malformed(f"{kind} {id}: {reason or answer.status_code}.")


def reason_of(answer: Response) -> str:
    """What a service says about its refusal: the page's sentence, or the JSON fault's message."""
    text = answer.text
    if "json" in answer.headers.get("Content-Type", ""):
        message = re.search(r'"message":\s*"((?:[^"\\]|\\.)*)"', text)
        text = message[1] if message else ""
    else:
        text = html.unescape(re.sub(r"<[^>]*>", " ", text.rpartition("</h1>")[2]))
    return " ".join(text.split())[:_LONGEST_REASON].rstrip(". ")
