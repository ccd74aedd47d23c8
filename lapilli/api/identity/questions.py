"""How many questions a slow or absent service is asked: one for each subject, and only so many at once."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from lapilli.model.errors import LapilliError, Unavailable

Answer = TypeVar("Answer")


class Questions(Generic[Answer]):
    """Asks for all threads. Who asks what is being asked already gets that answer, or its error.

    At most `at_once` questions are in hand, and others wait `wait_s` for their turn. After a question that the service
    did not answer (`Unavailable`) only one is let through, and the others are put off at once, until it answers again.
    """

    def __init__(self, at_once: int, wait_s: float) -> None:
        self._wait_s = wait_s
        self._turns = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._in_hand: dict[Hashable, Future[Answer]] = {}
        self._is_away = False
        self._probe = threading.Lock()

    def ask(self, subject: Hashable, question: Callable[[], Answer]) -> Answer:
        """The answer. Raises what the question raises, and `Unavailable` where it is not asked."""
        with self._lock:
            found = self._in_hand.get(subject)
            if found is None:
                mine = self._in_hand[subject] = Future()
        if found is not None:
            return found.result()
        try:
            answer = self._in_turn(question)
        except BaseException as error:
            mine.set_exception(error if isinstance(error, LapilliError) else _put_off())
            raise
        else:
            mine.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._in_hand[subject]

    def _in_turn(self, question: Callable[[], Answer]) -> Answer:
        is_probe = self._is_away
        turn = self._probe if is_probe else self._turns
        if not turn.acquire(timeout=0 if is_probe else self._wait_s):
            raise _put_off()
        try:
            if self._is_away and not is_probe:
                raise _put_off()  # It went away while this one waited.
            answer = question()
        except Unavailable:
            self._is_away = True
            raise
        finally:
            turn.release()
        self._is_away = False
        return answer


def _put_off() -> Unavailable:
    return Unavailable("The identity service is temporarily unavailable. Try again in a moment.")
