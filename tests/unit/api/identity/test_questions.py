"""Many threads, and a service that answers when the test lets it."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from lapilli.api.identity.questions import Questions
from lapilli.model.errors import Unavailable

WITHIN_S = 10.0


class Slow:
    """Answers each question when it is let, and counts them."""

    def __init__(self) -> None:
        self.lets = threading.Semaphore(0)
        self.asked = threading.Semaphore(0)
        self.count = 0
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self.is_away = False

    def __call__(self) -> str:
        with self._lock:
            self.count += 1
            self._now += 1
            self.most = max(self.most, self._now)
        self.asked.release()
        assert self.lets.acquire(timeout=WITHIN_S)
        with self._lock:
            self._now -= 1
        if self.is_away:
            raise Unavailable("away")
        return "answer"

    def wait_until_asked(self) -> None:
        assert self.asked.acquire(timeout=WITHIN_S)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_one_question_for_each_subject(slow: Slow, threads: ThreadPoolExecutor) -> None:
    """Those who ask what is being asked get that answer, and the next one asks anew."""
    questions: Questions[str] = Questions(8, WITHIN_S)
    first = threads.submit(questions.ask, "token", slow)
    slow.wait_until_asked()
    others = [threads.submit(questions.ask, "token", slow) for _ in range(4)]
    slow.lets.release(2)
    assert {each.result() for each in [first, *others]} == {"answer"}
    assert slow.count <= 2  # a thread that came late asks for itself
    slow.lets.release(1)
    assert questions.ask("token", slow) == "answer"


def test_an_error_is_everybodys(slow: Slow, threads: ThreadPoolExecutor) -> None:
    """Who waits for another's question gets its error, and a bug is a bug of the one who asked only."""
    questions: Questions[str] = Questions(8, WITHIN_S)

    def broken() -> str:
        slow()
        raise ZeroDivisionError

    first = threads.submit(questions.ask, "token", broken)
    slow.wait_until_asked()
    waiting = threading.Event()

    def wait() -> str:
        waiting.set()
        return questions.ask("token", slow)

    second = threads.submit(wait)
    assert waiting.wait(WITHIN_S)
    slow.lets.release(2)
    with pytest.raises(ZeroDivisionError):
        first.result()
    assert isinstance(second.exception(), Unavailable | None)


def test_so_many_at_once(slow: Slow, threads: ThreadPoolExecutor) -> None:
    """A flood of different subjects reaches the service a few at a time."""
    questions: Questions[str] = Questions(2, WITHIN_S)
    answers = [threads.submit(questions.ask, number, slow) for number in range(6)]
    slow.lets.release(6)
    assert [each.result() for each in answers] == ["answer"] * 6
    assert (slow.count, slow.most <= 2) == (6, True)


def test_a_turn_that_does_not_come(slow: Slow, threads: ThreadPoolExecutor) -> None:
    """Who has waited long enough is put off."""
    questions: Questions[str] = Questions(1, 0.01)
    first = threads.submit(questions.ask, "one", slow)
    slow.wait_until_asked()
    with pytest.raises(Unavailable):
        questions.ask("another", slow)
    slow.lets.release()
    assert first.result() == "answer"


def test_one_probe_while_away(slow: Slow, threads: ThreadPoolExecutor) -> None:
    """After a question without an answer one is let through at a time; when it is answered, all are."""
    questions: Questions[str] = Questions(8, WITHIN_S)
    slow.is_away = True
    slow.lets.release()
    with pytest.raises(Unavailable):
        questions.ask("token", slow)
    slow.wait_until_asked()
    probe: Future[str] = threads.submit(questions.ask, "probe", slow)
    slow.wait_until_asked()
    with pytest.raises(Unavailable):
        questions.ask("another", slow)
    assert slow.count == 2
    slow.is_away = False
    slow.lets.release(3)
    assert probe.result() == "answer"
    assert [questions.ask(subject, slow) for subject in ("another", "token")] == ["answer"] * 2


def test_those_who_waited_while_it_went_away(slow: Slow, threads: ThreadPoolExecutor) -> None:
    """Who gets its turn after the service went away is put off at once."""
    questions: Questions[str] = Questions(1, WITHIN_S)
    slow.is_away = True
    first = threads.submit(questions.ask, "one", slow)
    slow.wait_until_asked()
    others = [threads.submit(questions.ask, number, slow) for number in range(3)]
    slow.lets.release(4)
    assert all(isinstance(each.exception(), Unavailable) for each in [first, *others])
