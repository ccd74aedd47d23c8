"""Lapilli as an ordinary user, nobody, has it: programs, a folder, and what the API answers."""

import json
import os
import pwd
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.kernel.machine import run

NOBODY = pwd.getpwnam("nobody")
LAPILLI = str(Path(sys.executable).parent / "lapilli")
AS_NOBODY = ("setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups")
PORT = 8776


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """An empty folder of nobody's."""
    # This machine's Python may lie where only root looks; the guest forgets that it did not.
    for place in (Path(sys.executable).resolve(), Path(__file__)):
        for each in place.parents:
            each.chmod(each.stat().st_mode | 0o055)
    path.mkdir()
    os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    yield path
    run("rm", "-r", str(path))


@contextmanager
def program(*command: str, output: IO[str] | None = None) -> Iterator[None]:
    """Runs meanwhile, and ends as it should when it is asked to."""
    with subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield
        finally:
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


def answers() -> bool:
    try:
        return "volumes" in ask("GET", "volumes")
    except OSError:
        return False


def ask(method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body else None
    headers = {"Content-Type": "application/json", "OpenStack-API-Version": "volume 3.71"}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/v3/demo/{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        said = answer.read()
        return json.loads(said) if said else None
