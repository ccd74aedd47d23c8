"""What the walks of `lapilli demo` share: a step that is timed, and what is asked of the service in it."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from lapilli.cmd.demo.clients import Clients
from lapilli.cmd.manage.decisions import told
from lapilli.cmd.manage.site import Site
from lapilli.db import decisions
from lapilli.model.errors import BackendFailed

T = TypeVar("T")

_SETTLES_WITHIN_S: Final = 120
SNAPSHOT: Final = ("snapshot",)


def step(title: str, work: Callable[[], T]) -> T:
    """Do a step, and tell how long it took and what it says."""
    started = time.monotonic()
    said = work()
    click.echo(f"{time.monotonic() - started:6.1f} s  {title}")
    for line in said.splitlines() if isinstance(said, str) else ():
        click.echo(f"          {line}".rstrip())
    return said


def decision(place: Path, volume: str) -> str:
    """Why the scheduler put the volume where it is, for an instance whose data is in `place`."""
    site = Site(None, place / "data")
    with site.db.read() as tx:
        (row,) = decisions.of_resource(tx, volume)
    site.close()
    return "\n".join(told(row)).rstrip()


def new_volume(clients: Clients, *of: str) -> str:
    """A volume of one GiB, or as large as what it is a copy of."""
    size = () if of else ("--size", "1")
    new = str(clients.ask("create", *of, *size, "copy" if of else "v")["id"])
    clients.settled((), new, "available")
    return new


def new_snapshot(clients: Clients, volume: str) -> str:
    """A snapshot of a volume, whoever uses that."""
    new = str(clients.ask("snapshot", "create", "--force", "--volume", volume, "demo")["id"])
    clients.settled(SNAPSHOT, new, "available")
    return new


def extend(clients: Clients, volume: str, status: str) -> None:
    """Give a volume two GiB; `status` is its own, before and after."""
    clients.do("set", "--size", "2", volume)
    clients.settled((), volume, status)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compare(path: Path, expected: str) -> str:
    """Say what is read from a file; `BackendFailed` if it is not what was written."""
    found = digest(path)
    if found != expected:
        raise BackendFailed(f"The bytes differ: SHA-256 {expected} was written, and {found} was read.")
    return f"SHA-256 {found} read"


def wait(done: Callable[[], bool], otherwise: str) -> None:
    """Look until it is done; `BackendFailed` says what is `otherwise` if it is not soon."""
    deadline = time.monotonic() + _SETTLES_WITHIN_S
    while not done():
        if time.monotonic() > deadline:
            raise BackendFailed(f"{otherwise} after {_SETTLES_WITHIN_S} s.")
        time.sleep(0.2)
