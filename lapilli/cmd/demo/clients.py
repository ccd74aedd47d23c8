"""The unmodified command-line clients, as `lapilli demo` calls them."""

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, Unavailable

_SETTLES_WITHIN_S: Final = 120


class Clients:
    """`openstack` and `cinder` of this Python or of PATH, at an endpoint without an identity service."""

    def __init__(self, endpoint: str) -> None:
        self._openstack = [_find("openstack"), "--os-auth-type", "none", "--os-endpoint", endpoint]
        self._openstack += ["--os-volume-api-version", "3.70"]
        self._cinder = [_find("cinder"), "--os-auth-type", "noauth", "--os-endpoint", endpoint]
        self._cinder += ["--os-project-id", "demo", "--os-user-id", "demo", "--os-volume-api-version", "3.70"]

    def do(self, *words: str) -> None:
        """`openstack volume …`, for its effect."""
        run([*self._openstack, "volume", *words], timeout_s=_SETTLES_WITHIN_S)

    def ask(self, *words: str) -> Any:
        """`openstack volume …`, for what it says."""
        return json.loads(run([*self._openstack, "volume", *words, "-f", "json"], timeout_s=_SETTLES_WITHIN_S))

    def reserve(self, volume: str, instance: str) -> str:
        """Reserve a volume for a server, and return the attachment's id.

        `openstack volume attachment create` asks Nova for the server; `cinder` takes its id as given.
        """
        run([*self._cinder, "attachment-create", volume, instance], timeout_s=_SETTLES_WITHIN_S)
        (attachment,) = self.ask("attachment", "list", "--volume-id", volume)
        return str(attachment["ID"])

    def settled(self, kind: Sequence[str], id: str, wanted: str) -> Mapping[str, Any]:
        """Show a thing again and again until its status is the one wanted."""
        deadline = time.monotonic() + _SETTLES_WITHIN_S
        while True:
            shown: Mapping[str, Any] = self.ask(*kind, "show", id)
            if shown["status"] == wanted:
                return shown
            if shown["status"].startswith("error") or time.monotonic() > deadline:
                raise BackendFailed(f"{id} is {shown['status']}, not {wanted}.")

    def delete_all(self, kind: Sequence[str]) -> None:
        """Delete everything of a kind, and wait until it is gone."""
        self.do(*kind, "delete", *(each["ID"] for each in self.ask(*kind, "list")))
        deadline = time.monotonic() + _SETTLES_WITHIN_S
        while left := self.ask(*kind, "list"):
            if time.monotonic() > deadline:
                raise BackendFailed(f"These are not deleted: {', '.join(each['ID'] for each in left)}.")


def _find(program: str) -> str:
    beside = Path(sys.executable).with_name(program)
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        raise Unavailable(f"There is no program {program}. Install the clients: pip install 'lapilli[clients]'")
    return found
