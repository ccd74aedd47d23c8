"""What hosts have in common that do everything in a session: for the suite of targets."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from tests.conformance.target_lab import Session

_PIECE_BYTES = 4096


class ReadingSession(Session, Protocol):
    """A session that also says what it has read."""

    def content(self, offset_bytes: int, length_bytes: int) -> bytes: ...


class SessionHost(ABC):
    """A host that logs in for each thing that it does."""

    @abstractmethod
    def session(self) -> AbstractContextManager[ReadingSession]:
        """Stay logged in."""

    def write(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        with self.session() as session:
            return session.writes(offset_bytes, pattern, length_bytes)

    def reads(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        with self.session() as session:
            return session.content(offset_bytes, length_bytes) == bytes([pattern]) * length_bytes

    @contextmanager
    def busy(self) -> Iterator["SessionWriter"]:
        with self.session() as session:
            writer = SessionWriter(session)
            writer.start()
            try:
                yield writer
            finally:
                writer.end()


class SessionWriter(threading.Thread):
    """Writes until it fails, or is told to end."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._is_wanted = True

    def run(self) -> None:
        while self._is_wanted and self._session.writes(0, 0x99, _PIECE_BYTES):
            pass

    def poll(self) -> int | None:
        return None if self.is_alive() else 1

    def end(self) -> None:
        self._is_wanted = False
        self.join()
