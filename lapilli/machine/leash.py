"""A leash for the programs that a thread runs: another thread can end them."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from lapilli.model.errors import CommandFailed


class Leash:
    """Ends what one thread runs, once somebody for whom that was done has gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._death = signal.SIGKILL
        self._is_pulled = False

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Within the block, the programs that this thread runs are on the leash."""
        token = _worn.set(self)
        try:
            yield
        finally:
            _worn.reset(token)

    def pull(self) -> None:
        """End the program that runs, with its process group, and let no other one be started."""
        with self._lock:
            self._is_pulled = True
            self._end()

    def hold(self, process: subprocess.Popen[str] | None, death: signal.Signals = signal.SIGKILL) -> None:
        """This is the program that runs now, in a process group of its own, and what ends it; or none runs."""
        with self._lock:
            self._process, self._death = process, death
            if self._is_pulled:
                self._end()

    def check(self, argv: Sequence[str]) -> None:
        """Raise `CommandFailed` if the leash was pulled: `argv` is not to be started any more."""
        with self._lock:
            if self._is_pulled:
                raise CommandFailed(argv, None, "not started: who asked for it has gone")

    def _end(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, self._death)


_worn: ContextVar[Leash | None] = ContextVar("leash", default=None)


@contextmanager
def leashed(argv: Sequence[str]) -> Iterator[Leash]:
    """The leash that this thread wears, to hold the program `argv`; one that nobody pulls, if it wears none."""
    leash = _worn.get() or Leash()
    leash.check(argv)
    try:
        yield leash
    finally:
        leash.hold(None)
