"""What was measured, as lines: for each way CPU and wall time, and how many times the first way's that is.

Of several rounds the least counts: it is the cost, and what is above it the machine's noise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_NAME_WIDTH: Final = 44
_WAY_WIDTH: Final = 17
_RATIO_WIDTH: Final = 14


@dataclass(frozen=True)
class Spent:
    """What one round took, for each operation of it: seconds. CPU is 0 where it is not told."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True)
class Row:
    """An operation: its rounds by the labels of the ways, the one that others are compared with first."""

    name: str
    ways: Mapping[str, Sequence[Spent]]

    def __str__(self) -> str:
        (label, first), *others = self.ways.items()
        del label
        return f"{self.name:{_NAME_WIDTH}}{_times(first)}" + "".join(_beside(first, spent) for _, spent in others)


def heading(labels: Sequence[str]) -> Iterator[str]:
    """The two lines above the rows."""
    first, *others = labels
    wide = _WAY_WIDTH + _RATIO_WIDTH
    yield f"{'':{_NAME_WIDTH}}{first:>{_WAY_WIDTH}}" + "".join(f"{label:>{wide}}" for label in others)
    columns = f"{'CPU':>{_WAY_WIDTH - 8}}{'wall':>8}"
    yield f"{'':{_NAME_WIDTH}}{columns}" + f"{columns}{'x CPU':>{_RATIO_WIDTH - 7}}{'x wall':>7}" * len(others)


def _times(spent: Sequence[Spent]) -> str:
    cpu, wall = (_duration(value) for value in _least(spent))
    return f"{cpu:>{_WAY_WIDTH - 8}}{wall:>8}"


def _beside(first: Sequence[Spent], spent: Sequence[Spent]) -> str:
    (cpu, wall), (other_cpu, other_wall) = _least(first), _least(spent)
    return f"{_times(spent)}{_ratio(other_cpu, cpu):>{_RATIO_WIDTH - 7}}{_ratio(other_wall, wall):>7}"


def _least(spent: Sequence[Spent]) -> tuple[float, float]:
    return min(each.cpu_s for each in spent), min(each.wall_s for each in spent)


def _duration(seconds: float) -> str:
    if not seconds:
        return "-"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}" if other else "-"
