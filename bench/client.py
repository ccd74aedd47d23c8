"""A client of the API that keeps its connections, one for each thread that calls it."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

PROJECT: Final = "bench"
_HEADERS: Final = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "OpenStack-API-Version": "volume 3.70",
    "X-Auth-Token": f"admin:{PROJECT}",
}
_ANSWERS_WITHIN_S: Final = 120
_SETTLES_WITHIN_S: Final = 300


class Client:
    """Speaks to the API at a port of this machine; threads may share it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._own = threading.local()

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of the answer, or None; `path` is below the project's URL. Raises what is no success."""
        content = None if body is None else json.dumps(body).encode()
        status, answer = self._exchange(method, path, content)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {answer[:500].decode()}")
        return json.loads(answer) if answer else None

    def make_volume(self) -> str:
        """Create a volume of 1 GiB and return its id when it is available."""
        made: str = self.call("POST", "/volumes", {"volume": {"size": 1}})["volume"]["id"]
        settle(lambda: self.get(f"/volumes/{made}")["volume"]["status"] == "available")
        return made

    def is_answered(self) -> bool:
        """Whether the service takes requests and can reach its database."""
        with suppress(OSError, http.client.HTTPException):
            return self._exchange("GET", "/volumes?limit=1", None)[0] == 200
        return False

    def _exchange(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWERS_WITHIN_S)
        try:
            return self._ask(method, path, content)
        except ConnectionError:
            # The server has closed a connection that lay idle; nothing of the request was read.
            return self._ask(method, path, content)

    def _ask(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        connection = self._own.connection
        try:
            connection.request(method, f"/v3/{PROJECT}{path}", content, _HEADERS)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except BaseException:
            connection.close()
            raise


def settle(is_reached: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + _SETTLES_WITHIN_S
    while not is_reached():
        if time.monotonic() > deadline:
            raise RuntimeError("The service does not come to rest.")
        time.sleep(0.05)


def together(work: Callable[[Any], Any], items: Iterable[Any], threads: int = 16) -> list[Any]:
    """Do the work for all items, so many at a time; returns the results in order."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))
