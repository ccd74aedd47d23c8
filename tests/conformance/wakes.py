"""What every wake must do. A test class inherits a suite and says with the fixture `opener` how its wake is opened."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lapilli.model.protocols import Wake
from tests.servers.process import Server

# Far more than a ring takes, so that only a ring that never comes reaches it.
SOON_S = 20.0
# A wait that should end without a ring.
BRIEFLY_S = 0.02

Opener = Callable[[], Wake]


def ring_when_waiting(wake: Wake, topic: str) -> threading.Timer:
    """Ring from another thread, when the caller has most likely begun to wait."""
    timer = threading.Timer(BRIEFLY_S, wake.ring, [topic])
    timer.start()
    return timer


class WakeSuite:
    """One process."""

    @pytest.fixture
    def opener(self) -> Opener:
        raise NotImplementedError

    @pytest.fixture
    def wake(self, opener: Opener) -> Iterator[Wake]:
        wake = opener()
        yield wake
        wake.close()

    def test_ring_during_wait(self, wake: Wake) -> None:
        """Who waits is woken."""
        with wake.listen("backend:a") as ear:
            timer = ring_when_waiting(wake, "backend:a")
            assert ear.wait(SOON_S)
            timer.join()

    def test_ring_before_wait(self, wake: Wake) -> None:
        """A ring between looking and waiting is not lost."""
        with wake.listen("backend:a") as ear:
            wake.ring("backend:a")
            assert ear.wait(SOON_S)

    def test_ring_counts_once(self, wake: Wake) -> None:
        """A burst is one reason to look."""
        with wake.listen("once:a", "once:b") as ear:
            wake.ring("once:a", "once:b")
            wake.ring("once:a")
            assert ear.wait(SOON_S)
            assert not ear.wait(BRIEFLY_S)

    def test_ring_of_another_topic(self, wake: Wake) -> None:
        """Other people's topics do not wake."""
        with wake.listen("here") as here, wake.listen("there") as there:
            wake.ring("there")
            assert there.wait(SOON_S)
            assert not here.wait(BRIEFLY_S)

    def test_ring_before_listening(self, wake: Wake) -> None:
        """What rang before anybody listened wakes nobody."""
        wake.ring("early")
        with wake.listen("early") as ear:
            assert not ear.wait(BRIEFLY_S)

    def test_ring_without_topic(self, wake: Wake) -> None:
        """A ring of nothing wakes nobody and raises nothing."""
        with wake.listen("a") as ear:
            wake.ring()
            assert not ear.wait(BRIEFLY_S)

    def test_many_waiters(self, wake: Wake) -> None:
        """One ring wakes all who wait for the topic."""
        ears = [wake.listen("crowd") for _ in range(16)]
        with ThreadPoolExecutor(len(ears)) as pool:
            waits = [pool.submit(ear.wait, SOON_S) for ear in ears]
            wake.ring("crowd")
            assert all(wait.result() for wait in waits)

    def test_no_ring_is_lost_between_looking_and_waiting(self, wake: Wake) -> None:
        """A worker that looks and waits gets every piece of work, however the rings fall."""
        work = iter(range(500))
        done = threading.Event()
        stock: list[int] = []

        def produce() -> None:
            for piece in work:
                stock.append(piece)
                wake.ring("stock")

        taken = 0
        with wake.listen("stock") as ear:
            producer = threading.Thread(target=produce)
            producer.start()
            while taken < 500:
                while stock:
                    stock.pop()
                    taken += 1
                assert taken == 500 or ear.wait(SOON_S)
            done.set()
            producer.join()

    def test_closed_listener(self, wake: Wake) -> None:
        """A closed listener hears nothing and never waits."""
        ear = wake.listen("a")
        ear.close()
        wake.ring("a")
        assert not ear.wait(SOON_S)
        ear.close()

    def test_close_releases_waiters(self, opener: Opener) -> None:
        """Closing the wake ends the waits, those in progress and those to come."""
        wake = opener()
        ear = wake.listen("a")
        with ThreadPoolExecutor() as pool:
            wait = pool.submit(ear.wait, SOON_S)
            began = time.monotonic()
            wake.close()
            wait.result()
        assert not ear.wait(SOON_S)
        assert not wake.listen("a").wait(SOON_S)
        assert time.monotonic() - began < SOON_S / 2

    def test_use_after_close(self, opener: Opener) -> None:
        """A second close and a late ring do nothing."""
        wake = opener()
        wake.close()
        wake.close()
        wake.ring("a")


class BusSuite(WakeSuite):
    """Several processes. The fixture `server` is the bus; `opener` opens wakes that share it."""

    @pytest.fixture
    def server(self) -> Server:
        raise NotImplementedError

    @pytest.fixture
    def wake(self, opener: Opener, server: Server) -> Iterator[Wake]:
        """A wake that is connected."""
        wake = opener()
        assert server.running
        await_bus(wake)
        yield wake
        wake.close()

    @pytest.fixture
    def peer(self, opener: Opener) -> Iterator[Wake]:
        """The wake of another process, as good as."""
        peer = opener()
        await_bus(peer)
        yield peer
        peer.close()
