"""Wake within one process: each listener has a flag, found by topic. Nothing is kept for a topic nobody listens to."""

from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Self


class LocalListener:
    """The flag of one waiter; made by `LocalWake.listen`."""

    def __init__(self, topics: Sequence[str], leave: "Callable[[LocalListener], None]") -> None:
        self.topics = frozenset(topics)
        self._leave = leave
        self._rung = Event()
        self._closed = False

    def hear(self) -> None:
        self._rung.set()

    def wait(self, timeout_s: float) -> bool:
        rang = self._rung.wait(timeout_s)
        self._rung.clear()
        # Asked after clearing: a close in between would be cleared with the ring, and the next wait would sleep.
        if self._closed:
            self._rung.set()
            return False
        return rang

    def close(self) -> None:
        self._leave(self)
        self._closed = True
        self._rung.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class LocalWake:
    """Rings the listeners of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: dict[str, set[LocalListener]] = {}
        self._closed = False

    def ring(self, *topics: str) -> None:
        with self._lock:
            for topic in topics:
                for listener in self._listeners.get(topic, ()):
                    listener.hear()

    def ring_all(self) -> None:
        """Wake every listener, whatever its topics."""
        with self._lock:
            for listeners in self._listeners.values():
                for listener in listeners:
                    listener.hear()

    def listen(self, *topics: str) -> LocalListener:
        listener = LocalListener(topics, self._forget)
        with self._lock:
            for topic in listener.topics:
                self._listeners.setdefault(topic, set()).add(listener)
            closed = self._closed
        if closed:
            listener.close()
        return listener

    def topics(self) -> frozenset[str]:
        """The topics that somebody listens to."""
        with self._lock:
            return frozenset(self._listeners)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            listeners = set().union(*self._listeners.values())
        for listener in listeners:
            listener.close()

    def _forget(self, listener: LocalListener) -> None:
        with self._lock:
            for topic in listener.topics:
                listeners = self._listeners.get(topic, set())
                listeners.discard(listener)
                if not listeners:
                    self._listeners.pop(topic, None)
