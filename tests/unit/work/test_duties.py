"""Duties: at start, by time, by wake, and after a failure."""

import logging
import threading
import time
from functools import partial

import pytest

from lapilli.model.errors import Unavailable
from lapilli.work.duties import Duties, Duty
from lapilli.work.wake import LocalWake
from tests.conformance.engine import SOON_S, until

NEVER_S = 3600.0


def test_at_start_and_by_wake() -> None:
    """A duty is done at start, and whenever its own topic rings."""
    wake = LocalWake()
    done: list[str] = []
    duties = Duties(wake, [Duty(name, NEVER_S, partial(done.append, name)) for name in ("a", "b")])
    duties.start()
    until(lambda: sorted(done) == ["a", "b"])
    wake.ring("duty:a")
    until(lambda: len(done) == 3)
    duties.stop()
    assert done[2] == "a"
    assert wake.topics() == set()


def test_by_time() -> None:
    """A duty is done again when its time has passed since it ended."""
    done: list[int] = []
    duties = Duties(LocalWake(), [Duty("a", 0.005, lambda: done.append(1))])
    duties.start()
    until(lambda: len(done) > 3)
    duties.stop()
    count = len(done)
    time.sleep(0.02)
    assert len(done) == count


def test_ring_while_it_is_done() -> None:
    """What rings during a duty means that it is done once more."""
    wake = LocalWake()
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def run() -> None:
        begun.release()
        assert go_on.acquire(timeout=SOON_S)

    duties = Duties(wake, [Duty("a", NEVER_S, run)])
    duties.start()
    assert begun.acquire(timeout=SOON_S)
    wake.ring("duty:a")
    wake.ring("duty:a")
    go_on.release(2)
    assert begun.acquire(timeout=SOON_S)
    duties.stop()
    assert not begun.acquire(blocking=False)


@pytest.mark.parametrize(("error", "word"), [(Unavailable("no disk"), "no disk"), (ValueError("bug"), "ValueError")])
def test_failure(error: Exception, word: str, caplog: pytest.LogCaptureFixture) -> None:
    """A duty that fails is logged and tried again soon; the others go on."""
    left = [error] * 2
    done: list[str] = []

    def run() -> None:
        if left:
            raise left.pop()
        done.append("a")

    duties = Duties(LocalWake(), [Duty("a", NEVER_S, run), Duty("b", NEVER_S, lambda: done.append("b"))], retry_s=0.005)
    with caplog.at_level(logging.WARNING, "lapilli"):
        duties.start()
        until(lambda: sorted(done) == ["a", "b"])
        duties.stop()
    assert caplog.text.count("duty a is tried again") == 2
    assert word in caplog.text


def test_slow_duty_delays_no_other() -> None:
    """While one duty takes its time, the others keep theirs; stopping waits for the one."""
    ended = threading.Event()
    done: list[int] = []

    def run() -> None:
        assert ended.wait(SOON_S)
        done.append(-1)

    duties = Duties(LocalWake(), [Duty("slow", NEVER_S, run), Duty("quick", 0.005, lambda: done.append(1))])
    duties.start()
    until(lambda: len(done) > 2)
    stopping = threading.Thread(target=duties.stop)
    stopping.start()
    ended.set()
    stopping.join(SOON_S)
    assert done.count(-1) == 1
