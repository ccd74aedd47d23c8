"""A bounded store that forgets: each entry after its time, the oldest entry when there are too many."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Values by key, for all threads. `clock` gives seconds."""

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self._size = size
        self._clock = clock
        self._entries: dict[Hashable, tuple[Value, float]] = {}
        self._writing = threading.Lock()

    def find(self, key: Hashable) -> Value | None:
        """The value, unless it was never kept or its time is over."""
        entry = self._entries.get(key)
        if entry is None or entry[1] <= self._clock():
            return None
        return entry[0]

    def keep(self, key: Hashable, value: Value, for_s: float) -> None:
        """Remember the value for `for_s` seconds; 0 or less is not at all."""
        if for_s <= 0:
            return
        with self._writing:
            self._entries.pop(key, None)
            if len(self._entries) >= self._size:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = (value, self._clock() + for_s)
