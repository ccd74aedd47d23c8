"""Dies at a point of one's choice: every place where a process is about to change the world or its database.

The interpreter's profiler tells of each call into C before it is made, so nothing in the product knows of this. What
threads other than the calling one do is not counted.
"""

import os
import socket
import sqlite3
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from sqlalchemy import event

from lapilli.db.engine import Database

DIED: Final = 137

# Calls into these modules change the world, but for the few that only look.
_WORLD: Final = {"posix", "fcntl", "_io", "_posixsubprocess"}
_LOOKS: Final = set(
    "stat lstat fstat lseek fspath fsencode statvfs fstatvfs scandir getpid pread close closerange"
    " open_code text_encoding waitpid urandom register_at_fork".split()
)
_TALKS: Final = {"connect", "send", "sendall", "recv"}
_WRITES: Final = ("INSERT", "UPDATE", "DELETE")

Say = Callable[[str], None]
"""Tells the parent something; it is told even if the child dies at the next point."""


@dataclass(frozen=True)
class Ending:
    """How a child ended, and what it had said by then."""

    code: int
    said: str


def in_child(work: Callable[[Say], None]) -> Ending:
    """Run `work` in a forked process. An exception of it is shown on standard error, and the code is 1."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _live(work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    return Ending(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said)


def _live(work: Callable[[Say], None], writer: int) -> None:
    try:
        work(lambda text: _tell(writer, text))
    except BaseException:  # noqa: BLE001 - a forked child must not return into pytest
        sys.setprofile(None)
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _tell(writer: int, text: str) -> None:
    rest = text.encode()
    while rest:
        rest = rest[os.write(writer, rest) :]


class Countdown:
    """Counts points, and ends the process without a clean-up when it comes to the one that was chosen."""

    def __init__(self, chosen: int) -> None:
        self._chosen = chosen
        self.passed = 0

    def point(self) -> None:
        self.passed += 1
        if self.passed == self._chosen:
            os._exit(DIED)

    def arm(self, db: Database) -> None:
        """Count from now on: before each change, and after each commit."""
        event.listen(db.engine, "before_cursor_execute", self._before_statement)
        sys.setprofile(self._profile)

    @staticmethod
    def disarm() -> None:
        """Count no more."""
        sys.setprofile(None)

    def _before_statement(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().startswith(_WRITES):
            self.point()

    def _profile(self, _frame: FrameType, kind: str, called: Any) -> None:
        if (kind == "c_call" and _is_change(called)) or (kind in {"c_call", "c_return"} and _is_commit(called)):
            self.point()


def _is_change(called: Any) -> bool:
    name = called.__name__
    if called.__module__ in _WORLD:
        return name not in _LOOKS
    return name in _TALKS and isinstance(called.__self__, socket.socket)


def _is_commit(called: Any) -> bool:
    return bool(called.__name__ == "commit") and isinstance(called.__self__, sqlite3.Connection)
