"""The unmodified clients, run through their own entry points: in this process, for each start costs a second of CPU."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from cinderclient.shell import OpenStackCinderShell  # type: ignore[import-untyped]
from openstackclient.shell import main as openstack_main
from osc_lib.clientmanager import ClientCache, ClientManager

VERSION = "3.70"
"""The newest microversion that both clients know."""


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the table that `cinder` prints, by the names of the columns."""
        lines = [line.strip("|").split(" | ") for line in self.out.splitlines() if line.startswith("|")]
        head, *body = ([cell.strip() for cell in line] for line in lines)
        return [dict(zip(head, line, strict=True)) for line in body]

    @property
    def facts(self) -> dict[str, str]:
        """The table of properties that `cinder` prints."""
        return {row["Property"]: row["Value"] for row in self.rows}


class OpenStack:
    """`openstack` with the words that say where the service is and who asks."""

    def __init__(self, *options: str) -> None:
        self._options = [*options, "--os-volume-api-version", VERSION]

    def run(self, *words: str) -> Said:
        """The command, however it ends."""
        _forget_endpoints()
        return _run(lambda: openstack_main([*self._options, *words]))

    def do(self, *words: str) -> None:
        """A command that succeeds."""
        said = self.run(*words)
        assert said.code == 0, said

    def ask(self, *words: str) -> Any:
        """What a command that succeeds says."""
        said = self.run(*words, "-f", "json")
        assert said.code == 0, said
        return json.loads(said.out)


class Cinder:
    """`cinder` without an identity service.

    The unmodified program needs `--os-auth-type noauth`, the endpoint with the project in it, and the ids of a project
    and a user, of which it makes the token `user:project`. `OS_AUTH_TYPE=noauth`, `CINDER_ENDPOINT`, `OS_PROJECT_ID`
    and `OS_USER_ID` in the environment say the same.
    """

    def __init__(self, endpoint: str, project: str) -> None:
        self._options = ["--os-auth-type", "noauth", "--os-endpoint", endpoint, "--os-project-id", project]
        self._options += ["--os-user-id", "someone", "--os-volume-api-version", VERSION]

    def run(self, *words: str) -> Said:
        """The command, however it ends."""
        return _run(lambda: OpenStackCinderShell().main([*self._options, *words]))

    def ask(self, *words: str) -> Said:
        """A command that succeeds."""
        said = self.run(*words)
        assert said.code == 0, said
        return said


def _forget_endpoints() -> None:
    """A process has one connection for each kind of service, however often the program is called in it."""
    for attribute in vars(ClientManager).values():
        if isinstance(attribute, ClientCache):
            attribute._handle = None


def _run(main: Callable[[], int | None]) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with _own_log(), redirect_stdout(out), redirect_stderr(err):
        try:
            code = main() or 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except Exception as error:  # noqa: BLE001 - `cinder` prints any error, and ends with 1
            print(f"ERROR: {error}", file=err)
            code = 1
    return Said(code, out.getvalue(), err.getvalue())


@contextmanager
def _own_log() -> Iterator[None]:
    """Clients hang handlers into the root logger at each start, and never take them out."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
