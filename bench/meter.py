"""CPU and memory of process trees, and the speed of this machine at this moment."""

import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


class Parts:
    """The parts of a service, each with the processes that it began with. Their descendants count with them."""

    def __init__(self, processes: Mapping[str, Collection[int]]) -> None:
        self._processes = processes

    def cpu_s(self) -> dict[str, float]:
        """User and system seconds of each part until now, of children that have ended too."""
        return {name: sum(_cpu_s(pid) for pid in _trees(pids)) for name, pids in self._processes.items()}

    def memory_mib(self) -> tuple[float, float]:
        """MiB resident in all parts together, and their proportional share of it (what is shared is counted once)."""
        found = [_memory_mib(pid) for pids in self._processes.values() for pid in _trees(pids)]
        return sum(resident for resident, _ in found), sum(proportional for _, proportional in found)


def children(pid: int) -> set[int]:
    """The processes that this one has started and that live."""
    found: set[int] = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for listed in Path(f"/proc/{pid}/task").glob("*/children"):
            found |= {int(child) for child in listed.read_text().split()}
    return found


def _trees(pids: Collection[int]) -> Iterator[int]:
    for pid in pids:
        yield pid
        yield from _trees(children(pid))


def _cpu_s(pid: int) -> float:
    with suppress(OSError):
        # A process's CPU clock, as clock_getcpuclockid(3) makes it of the process id: nanoseconds, all threads.
        own_s = time.clock_gettime(~pid << 3 | 2)
        ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
        return own_s + sum(int(ticks) for ticks in ended) * _TICK_S
    return 0.0


def _memory_mib(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kib = {line.partition(":")[0]: int(line.split()[1]) for line in lines}
    return kib["Rss"] / 1024, kib["Pss"] / 1024


def calibrate() -> float:
    """Milliseconds of CPU that a fixed piece of Python takes now; the more, the slower the machine is being made."""
    least = float("inf")
    rows = [{"id": f"{number:036d}", "size": number, "name": None, "metadata": {"a": "b"}} for number in range(200)]
    for _ in range(20):
        start = time.thread_time()
        for _ in range(5):
            views = [{"id": row["id"], "size": row["size"], "links": [str(row["id"])], **row} for row in rows]
            msgspec.json.decode(msgspec.json.encode(sorted(views, key=lambda view: str(view["id"]))))
        least = min(least, time.thread_time() - start)
    return least * 1000
