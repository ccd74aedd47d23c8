"""Wake between processes: one thread carries the rings over a bus, and comes back by itself when the bus was away."""

import logging
import os
import select
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from threading import Event, Lock, Thread
from typing import Protocol

from lapilli.model.protocols.work import Listener
from lapilli.work.wake.local import LocalWake

LOG = logging.getLogger(__name__)

# Rings that wait for the bus to come back. Those beyond are dropped: whoever they are for finds its work by polling.
OUTBOX_MAX = 1000
RETRY_MIN_S = 0.25
RETRY_MAX_S = 4.0
# Long enough for the last rings to leave, short enough for a service's end.
CLOSE_S = 2.0


class Link(Protocol):
    """A live connection to a bus, used by one thread. Whatever a method raises means that the link is gone."""

    @property
    def tick_s(self) -> float | None:
        """How often the link wants `tick`, in seconds; None for never."""

    def fileno(self) -> int:
        """What becomes readable when rings arrive."""

    def send(self, topics: Collection[str]) -> None:
        """Ring these topics in every other process."""

    def receive(self) -> Collection[str]:
        """The topics that other processes have rung since the last call. Does not wait."""

    def tick(self) -> None:
        """Show the other side that we live, and check that it does."""

    def close(self) -> None:
        """Let go of the connection; never raises."""


class BusWake:
    """Rings the listeners of this process at once, and those of other processes over the link.

    `connect` makes a link or raises; `name` says in the log what it leads to. `connected` is set while the bus is
    there. Open it after forking: threads do not survive a fork.
    """

    def __init__(self, name: str, connect: Callable[[], Link]) -> None:
        self.connected = Event()
        self._name = name
        self._connect = connect
        self._local = LocalWake()
        self._lock = Lock()
        self._outbox: set[str] = set()
        self._closing = Event()
        # Readable while the outbox holds something: the thread can sleep on it and on the link's socket together.
        self._signal = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = Thread(target=self._run, name="wake", daemon=True)
        self._thread.start()

    def ring(self, *topics: str) -> None:
        self._local.ring(*topics)
        with self._lock:
            if self._closing.is_set() or len(self._outbox) >= OUTBOX_MAX:
                return
            first = not self._outbox
            self._outbox.update(topics)
            if first:
                os.eventfd_write(self._signal, 1)

    def listen(self, *topics: str) -> Listener:
        return self._local.listen(*topics)

    def close(self) -> None:
        with self._lock:
            if self._closing.is_set():
                return
            self._closing.set()
            os.eventfd_write(self._signal, 1)
        self._local.close()
        self._thread.join(CLOSE_S)
        if not self._thread.is_alive():
            os.close(self._signal)

    def _run(self) -> None:
        away, delay_s = False, RETRY_MIN_S
        while not self._closing.is_set():
            try:
                with closing(self._connect()) as link:
                    LOG.info("%s carries wake-ups", self._name)
                    away, delay_s = False, RETRY_MIN_S
                    self._serve(link)
            except Exception as error:  # noqa: BLE001 - client libraries raise more than their own errors on a cut
                self.connected.clear()
                if not away:
                    reason = " ".join(str(error).split()) or type(error).__name__
                    LOG.warning("%s is away (%s); work is found by polling until it is back", self._name, reason)
                away = True
                self._closing.wait(delay_s)
                delay_s = min(2 * delay_s, RETRY_MAX_S)

    def _serve(self, link: Link) -> None:
        # What others rang before we were connected is unknown: everybody looks once.
        self._local.ring_all()
        poll = select.poll()
        poll.register(self._signal, select.POLLIN)
        poll.register(link.fileno(), select.POLLIN)
        self.connected.set()
        # Closing is asked last, so that what rang before it still leaves.
        ending = False
        while not ending:
            poll.poll(None if link.tick_s is None else 1000 * link.tick_s)
            ending = self._closing.is_set()
            if topics := self._take_outbox():
                link.send(topics)
            link.tick()
            self._local.ring(*link.receive())

    def _take_outbox(self) -> Collection[str]:
        with self._lock:
            with suppress(BlockingIOError):
                os.eventfd_read(self._signal)
            topics, self._outbox = self._outbox, set()
        return topics
