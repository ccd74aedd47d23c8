"""What `lapilli attach` remembers of each volume on this machine, so that `detach` can undo it.

One file per volume, `<volume's id>.json`, written before the kernel is asked for anything. It survives a reboot, as the
records of iscsid do, and holds no password.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from lapilli.machine import files
from lapilli.machine.lock import exclusive
from lapilli.model.errors import Conflict

STATE: Final = Path("/var/lib/lapilli/attached")
LOCKS: Final = Path("/run/lock/lapilli")


@dataclass(frozen=True)
class Record:
    """One volume on this machine.

    `name` is what the operator called the volume, `connection` what the API told, `device` the block device once it is
    known, and `mountpoint` the directory where `attach` mounts its file system, if it was asked to.
    """

    volume: str
    name: str
    attachment: str
    connection: Mapping[str, Any]
    is_multipath: bool
    device: str | None = None
    mountpoint: str | None = None


def without_secrets(connection: Mapping[str, Any]) -> Mapping[str, Any]:
    """A connection info as it may lie on disk."""
    return {name: value for name, value in connection.items() if not re.search("password|key", name)}


def read_all() -> list[Record]:
    """All records, by name; none for a user who may not read them."""
    try:
        paths = sorted(STATE.glob("*.json"))
        records = [Record(**json.loads(path.read_text())) for path in paths]
    except PermissionError:
        return []
    return sorted(records, key=lambda each: (each.name, each.volume))


def find(volume: str) -> Record | None:
    """The record of a volume, by its id or by the name it was attached with."""
    found = [each for each in read_all() if volume in {each.volume, each.name}]
    exact = [each for each in found if each.volume == volume] or found
    if len(exact) > 1:
        raise Conflict(f"{len(exact)} volumes on this machine are called {volume}: give the id.")
    return exact[0] if exact else None


def write(record: Record) -> None:
    """Remember a volume, or something new about it. It is on disk when this returns."""
    text = json.dumps(asdict(record), indent=1).encode()
    with files.faults(STATE):
        STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.replace(_path(record.volume), lambda descriptor: _put(descriptor, text))


def forget(volume: str) -> None:
    """Remember nothing of a volume."""
    if STATE.is_dir():
        files.remove(_path(volume))


@contextmanager
def held(volume: str) -> Iterator[None]:
    """Be the only `attach` or `detach` of the volume on this machine; `Unavailable` names the other one."""
    with files.faults(LOCKS):
        LOCKS.mkdir(parents=True, exist_ok=True)
    with exclusive(LOCKS / f"{volume}.lock"):
        yield


def _path(volume: str) -> Path:
    return STATE / f"{volume}.json"


def _put(descriptor: int, text: bytes) -> None:
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
