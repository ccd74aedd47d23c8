"""Finds filters and weighers by the names in Cinder's options. All are entry points, those of this room too."""

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from typing import Any

from lapilli.model.errors import Malformed
from lapilli.scheduler.filters import Filter
from lapilli.scheduler.weighers import SchedulerSettings, Weigher


def load_filters(names: Sequence[str]) -> list[Filter]:
    """The filters of those names, in that order. Raises `Malformed` for a name that nobody has registered."""
    return [_load("filter", "lapilli.filters", name)() for name in names]


def load_weighers(names: Sequence[str], settings: SchedulerSettings) -> list[Weigher]:
    """The weighers of those names, in that order. Raises `Malformed` for a name that nobody has registered."""
    return [_load("weigher", "lapilli.weighers", name)(settings) for name in names]


def _load(kind: str, group: str, name: str) -> Callable[..., Any]:
    known = {point.name: point for point in entry_points(group=group)}
    if name not in known:
        raise Malformed(f"There is no scheduler {kind} {name}. Known are {', '.join(sorted(known)) or 'none'}.")
    try:
        factory: Callable[..., Any] = known[name].load()
    except (ImportError, AttributeError) as error:
        raise Malformed(f"The scheduler {kind} {name} ({known[name].value}) cannot be loaded: {error}") from error
    return factory
