"""What every wake must do. A test class inherits a suite and says with the fixture `opener` how its wake is opened."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.model.protocols.work import Wake
from lapilli.work.wake import WakeSettings, open_wake
from lapilli.work.wake.bus import BusWake
from tests.servers.process import Server

# Far more than a ring takes, so that only a ring that never comes reaches it.
SOON_S = 20.0
# A wait that should end without a ring.
BRIEFLY_S = 0.02

RING_AND_END = """
import sys
from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.work.wake import WakeSettings, open_wake
wake = open_wake(WakeSettings(transport_url=sys.argv[1]), RabbitSettings(), sys.argv[2])
assert wake.connected.wait(20)
wake.ring(sys.argv[3])
wake.close()
"""

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
        stock: list[int] = []

        def produce() -> None:
            for piece in range(500):
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
    """Several processes. The fixtures say which server is the bus, and the settings that lead to it."""

    @pytest.fixture
    def server(self) -> Server:
        raise NotImplementedError

    @pytest.fixture
    def urls(self) -> tuple[str, str]:
        """`transport_url` and `database_url`."""
        raise NotImplementedError

    @pytest.fixture
    def opener(self, urls: tuple[str, str]) -> Opener:
        return partial(open_wake, WakeSettings(transport_url=urls[0]), RabbitSettings(), urls[1])

    @pytest.fixture
    def wake(self, opener: Opener) -> Iterator[BusWake]:
        yield from opened(opener)

    @pytest.fixture
    def peer(self, opener: Opener) -> Iterator[BusWake]:
        """The wake of another process: it shares nothing with `wake` but the bus."""
        yield from opened(opener)

    def test_ring_reaches_the_peer(self, wake: BusWake, peer: BusWake) -> None:
        """Rings cross the bus, in both directions."""
        with wake.listen("request") as here, peer.listen("request") as there:
            wake.ring("request")
            assert there.wait(SOON_S)
            assert here.wait(SOON_S)
            peer.ring("request")
            assert here.wait(SOON_S)

    def test_ring_from_another_process(self, wake: BusWake, urls: tuple[str, str]) -> None:
        """A process that rings and ends at once is heard."""
        with wake.listen("elsewhere") as ear:
            subprocess.run([sys.executable, "-c", RING_AND_END, *urls, "elsewhere"], check=True, timeout=SOON_S)
            assert ear.wait(SOON_S)

    def test_burst(self, wake: BusWake, peer: BusWake) -> None:
        """Of many rings at once each topic arrives."""
        ears = [peer.listen(f"operation:{number}") for number in range(200)]
        for _ in range(20):
            for number in range(200):
                wake.ring(f"operation:{number}")
        assert all(ear.wait(SOON_S) for ear in ears)

    def test_own_ring_does_not_come_back(self, wake: BusWake, peer: BusWake) -> None:
        """A listener hears its own process's ring once: the answer comes behind the echo, if there were one."""
        with wake.listen("question") as question, wake.listen("answer") as answer, peer.listen("question") as there:
            wake.ring("question")
            assert question.wait(SOON_S)
            assert there.wait(SOON_S)
            peer.ring("answer")
            assert answer.wait(SOON_S)
            assert not question.wait(BRIEFLY_S)

    def test_bus_is_killed_and_comes_back(self, wake: BusWake, peer: BusWake, opener: Opener, server: Server) -> None:
        """Without the bus rings stay in the process and cost nothing; with it all connect again and look once."""
        server.kill()
        late = opener()
        assert isinstance(late, BusWake)
        with wake.listen("a") as here, peer.listen("a") as there, late.listen("b") as later:
            began = time.monotonic()
            for _ in range(1000):
                wake.ring("a", "b")
            assert time.monotonic() - began < 1
            assert here.wait(SOON_S)
            assert not there.wait(BRIEFLY_S)
            server.start()
            assert there.wait(SOON_S)
            assert later.wait(SOON_S)
        assert wake.connected.wait(SOON_S)
        self.test_ring_reaches_the_peer(wake, peer)
        self.test_ring_reaches_the_peer(wake, late)
        late.close()


def opened(opener: Opener) -> Iterator[BusWake]:
    """A wake that is connected, for what rings at connecting is no part of a test."""
    wake = opener()
    assert isinstance(wake, BusWake)
    assert wake.connected.wait(SOON_S)
    yield wake
    wake.close()
