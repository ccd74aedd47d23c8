"""A figure: what was measured in several rounds, what Cinder 29 needed, and what we aim at."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

_NAME_WIDTH: Final = 52


@dataclass(frozen=True)
class Figure:
    """The values of all rounds, in `unit`.

    `peer` is Cinder's (median, least) of the same; the least of a figure is its cost, what is above it the machine's
    noise. `aim` is the most that we want.
    """

    name: str
    values: Sequence[float]
    unit: str = "ms CPU"
    peer: tuple[float, float] | None = None
    aim: float | None = None
    note: str = ""

    def __str__(self) -> str:
        least, middle, most = min(self.values), median(self.values), max(self.values)
        line = f"{self.name:{_NAME_WIDTH}} {_three(least, middle, most):>24} {self.unit:7}"
        if self.aim is not None:
            line += f" {'ok  ' if least <= self.aim else 'OVER'} aim {self.aim:g}"
        if self.peer is not None:
            line += f"   Cinder {self.peer[1]:g} / {self.peer[0]:g}: {_ratio(self.peer[1] / least)} less"
        return f"{line}   {self.note}".rstrip()


def heading() -> str:
    """The line above the figures."""
    return f"{'':{_NAME_WIDTH}} {'least / median / most':>24}"


def per_operation_ms(before: dict[str, float], after: dict[str, float], operations: int) -> dict[str, float]:
    """Milliseconds that each part of a service spent on an operation, of its CPU seconds before and after."""
    return {part: (after[part] - before[part]) * 1000 / operations for part in after}


def shares(rounds: Sequence[dict[str, float]]) -> str:
    """Which part of a service spent how much, in the round that cost least; empty if there is only one part."""
    least = min(rounds, key=lambda each: sum(each.values()))
    return ", ".join(f"{part} {ms:.2f}" for part, ms in least.items()) if len(least) > 1 else ""


def _three(*values: float) -> str:
    return " / ".join(f"{value:.3g}" if value < 100 else f"{value:.0f}" for value in values)


def _ratio(times: float) -> str:
    return f"{times:.0f} times" if times >= 10 else f"{times:.1f} times"
