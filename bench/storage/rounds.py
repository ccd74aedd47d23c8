"""The operations, as each way does them, and how long they take."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from bench.storage.bare import Bare
from bench.storage.kinds import Kind
from bench.storage.table import Row, Spent

_Result = TypeVar("_Result")
_MANY: Final = 50
_CYCLES: Final = 4
_LARGE_GIB: Final = 20


class Way(Protocol):
    """One way to do things. Each call does it for all that it is given, and returns when that is done."""

    @property
    def label(self) -> str: ...

    def cpu_s(self) -> float:
        """Seconds of CPU that this way has used until now."""

    def create(self, kind: Kind, how_many: int, size_gib: int = 1) -> list[str]: ...
    def create_at_once(self, kind: Kind, how_many: int) -> list[str]: ...
    def snapshot(self, kind: Kind, volumes: Sequence[str]) -> list[str]: ...
    def attach(self, volumes: Sequence[str]) -> None: ...
    def detach(self, volumes: Sequence[str]) -> None: ...
    def delete_snapshots(self, kind: Kind, snapshots: Sequence[str]) -> None: ...
    def delete(self, kind: Kind, volumes: Sequence[str]) -> None: ...

    def delete_and_watch(self, kind: Kind, volume: str) -> float:
        """Delete the only volume of its kind; returns after how many seconds its user saw it no more.

        Comes back when the space is free again, as its owner is told.
        """


class Book:
    """What each way has spent on each operation, round by round."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, list[Spent]]] = {}

    def time(self, name: str, way: Way, operations: int, work: Callable[[], _Result]) -> _Result:
        """Do the work, which is so many operations, and write down what one of them took."""
        before, begun = way.cpu_s(), time.monotonic()
        result = work()
        wall_s, cpu_s = time.monotonic() - begun, way.cpu_s() - before
        self.add(name, way.label, Spent(cpu_s / operations, wall_s / operations))
        return result

    def add(self, name: str, label: str, spent: Spent) -> None:
        self._rows.setdefault(name, {}).setdefault(label, []).append(spent)

    def rows(self) -> list[Row]:
        return [Row(name, ways) for name, ways in self._rows.items()]


def one_by_one(ways: Sequence[Way], book: Book, each: int) -> None:
    """A round of `each` volumes of every kind, from their creation to their end."""
    for way in ways:
        _whole_life(way, book, each, Kind.PLAIN, "thick")
        _whole_life(way, book, each, Kind.THIN, "thin")
        wiped = way.create(Kind.WIPED, each)
        book.time("delete, thick, and wipe 1 GiB", way, each, lambda: way.delete(Kind.WIPED, wiped))  # noqa: B023


def _whole_life(way: Way, book: Book, each: int, kind: Kind, word: str) -> None:
    volumes = book.time(f"create, {word}", way, each, lambda: way.create(kind, each))
    snapshots = book.time(f"snapshot, {word}", way, each, lambda: way.snapshot(kind, volumes))
    book.time(f"delete snapshot, {word}", way, each, lambda: way.delete_snapshots(kind, snapshots))
    if kind is not Kind.THIN:
        for _ in range(_CYCLES):
            book.time("attach (LIO, CHAP)", way, each, lambda: way.attach(volumes))
            book.time("detach", way, each, lambda: way.detach(volumes))
    book.time(f"delete, {word}", way, each, lambda: way.delete(kind, volumes))


def at_once(ways: Sequence[Way], book: Book) -> None:
    """Fifty volumes at the same time, and by the bare command one after the other as well."""
    name, beside = f"{_MANY} creates at once: of one", f"{_MANY} creates, bare ones in a row: of one"
    for way in ways:
        made = book.time(name, way, _MANY, lambda: way.create_at_once(Kind.PLAIN, _MANY))  # noqa: B023
        way.delete(Kind.PLAIN, made)
        if isinstance(way, Bare):
            made = book.time(beside, way, _MANY, lambda: way.create(Kind.PLAIN, _MANY))  # noqa: B023
            way.delete(Kind.PLAIN, made)


def large(ways: Sequence[Way], book: Book) -> None:
    """A large thick volume is deleted and wiped: when its user sees it no more, and when its space is back."""
    for kind, disk in ((Kind.WIPED, "forgets blocks"), (Kind.WRITTEN, "is written to")):
        back = f"{_LARGE_GIB} GiB, disk {disk}: space is back"
        gone = f"{_LARGE_GIB} GiB, disk {disk}: gone for the user"
        for way in ways:
            (volume,) = way.create(kind, 1, _LARGE_GIB)
            gone_s = book.time(back, way, 1, lambda: way.delete_and_watch(kind, volume))  # noqa: B023
            book.add(gone, way.label, Spent(0, gone_s))
