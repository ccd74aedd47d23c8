"""Duties: what a process does again and again, without being asked. They take no input but the database's rows."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lapilli.model.errors import LapilliError
from lapilli.model.protocols.work import Listener, Wake

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """Something to be done at start, and `every_s` seconds after each end. It may be cut off, and begins anew then."""

    name: str
    every_s: float
    run: Callable[[], None]

    @property
    def topic(self) -> str:
        """Rung by whoever wants it done now."""
        return f"duty:{self.name}"


class Duties:
    """Runs the duties of a process, each in a thread of its own: one that is slow delays no other.

    One that fails is logged, and tried again after `retry_s` seconds, or after its own time if that is less.
    """

    def __init__(self, wake: Wake, duties: Sequence[Duty], *, retry_s: float = 10.0) -> None:
        self._wake = wake
        self._duties = duties
        self._retry_s = retry_s
        self._stopping = threading.Event()
        self._listeners: list[Listener] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin."""
        for duty in self._duties:
            listener = self._wake.listen(duty.topic)
            self._listeners.append(listener)
            thread = threading.Thread(target=self._serve, args=(duty, listener), name=f"duty {duty.name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let the duties that run end, and return."""
        self._stopping.set()
        for listener in self._listeners:
            listener.close()
        for thread in self._threads:
            thread.join()

    def _serve(self, duty: Duty, listener: Listener) -> None:
        while not self._stopping.is_set():
            is_done = _attempt(duty)
            listener.wait(duty.every_s if is_done else min(duty.every_s, self._retry_s))


def _attempt(duty: Duty) -> bool:
    try:
        duty.run()
    except LapilliError as error:
        _log.warning("duty %s is tried again: %s", duty.name, error)
    except Exception:  # noqa: BLE001 - a duty may raise anything, and must not end for it
        _log.exception("duty %s is tried again", duty.name)
    else:
        return True
    return False
