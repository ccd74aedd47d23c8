"""The contracts of wake-ups: whoever commits work rings, whoever waits for it listens."""

from typing import Protocol, Self


class Listener(Protocol):
    """One waiter's ear for its topics. It belongs to one thread and is a context manager that closes it."""

    def wait(self, timeout_s: float) -> bool:
        """Wait until a topic rings, or the time is over; true if it rang.

        A ring since the last wait returned (or since `listen`) counts: whoever looks for work and then waits misses
        none. After `close` it returns false at once.
        """

    def close(self) -> None:
        """Listen no more. A wait in progress returns at once."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Wake(Protocol):
    """Says "look now". It carries no work: a lost wake costs a poll interval, never a request."""

    def ring(self, *topics: str) -> None:
        """Wake whoever listens for one of the topics. Never raises or blocks; a bus that is away is noted and left."""

    def listen(self, *topics: str) -> Listener:
        """Hear these topics from now on. Listen before looking for work, then look, then wait."""

    def close(self) -> None:
        """Let go of connections and threads. Those who wait return at once, now and later."""
