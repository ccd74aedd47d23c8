"""A client that takes no for no answer: it asks until a service answers, and looks what became of a lost request."""

import http.client
import json
import random
import time
from collections.abc import Mapping
from typing import Any

GIVES_UP_AFTER_S = 120.0
_SETTLED = {"available", "in-use", "reserved", "attaching"}


class Refused(Exception):
    """The service said no: status and body."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"{status} {body}")
        self.status = status


class Client:
    """Requests of one project."""

    def __init__(self, port: int, project: str) -> None:
        self._port = port
        self._project = project
        self.retries = 0

    def get(self, path: str) -> Any:
        """The body; None if it is not there."""
        try:
            return self._until_answered("GET", path)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def create(self, kind: str, wish: Mapping[str, Any]) -> str:
        """POST a volume or snapshot by its unique name; if the answer is lost, the name tells whether it was taken."""
        deadline = time.monotonic() + GIVES_UP_AFTER_S
        while True:
            try:
                return str(self._once("POST", f"/{kind}s", {kind: wish})[kind]["id"])
            except (OSError, http.client.HTTPException) as error:
                self._wait(deadline, error)
            found = self.get(f"/{kind}s?name={wish['name']}")[f"{kind}s"]
            if found:
                return str(found[0]["id"])

    def delete(self, path: str) -> None:
        """DELETE until it is taken, or was by a request whose answer was lost."""
        try:
            self._until_answered("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise

    def post(self, path: str, body: object) -> Any:
        """POST once; `OSError` if nobody knows what became of it."""
        try:
            return self._once("POST", path, body)
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error

    def settled(self, path: str, kind: str) -> Any:
        """The resource once nothing is under way with it; None if it is gone."""
        deadline = time.monotonic() + GIVES_UP_AFTER_S
        while True:
            body = self.get(path)
            if body is None:
                return None
            status = body[kind]["status"]
            if status in _SETTLED or status.startswith("error"):
                return body[kind]
            assert time.monotonic() < deadline, f"{kind} {path} stays {status}"
            time.sleep(random.uniform(0.05, 0.2))

    def _until_answered(self, method: str, path: str, body: object = None) -> Any:
        deadline = time.monotonic() + GIVES_UP_AFTER_S
        while True:
            try:
                return self._once(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                self._wait(deadline, error)

    def _wait(self, deadline: float, error: Exception) -> None:
        self.retries += 1
        if time.monotonic() > deadline:
            raise AssertionError("no service answers") from error
        time.sleep(random.uniform(0.05, 0.3))

    def _once(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=90)
        headers = {
            "X-Auth-Token": f"somebody:{self._project}",
            "Content-Type": "application/json",
            "OpenStack-API-Version": "volume 3.66",
        }
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"/v3/{self._project}{path}", text, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status == 503:
            raise ConnectionError(f"503 {content.decode()}")
        if answer.status >= 400:
            raise Refused(answer.status, content.decode())
        return json.loads(content) if content else None
