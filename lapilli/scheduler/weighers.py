"""The weighers: each gives the pools that fit a number, and its multiplier says which end is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, Protocol
from zlib import crc32

from lapilli.model.options import option
from lapilli.scheduler.capacity import virtual_free_gib
from lapilli.scheduler.pools import PoolState, Request


@dataclass(frozen=True)
class SchedulerSettings:
    """Which filters and weighers rank the pools, and how much each weigher counts."""

    scheduler_default_filters: tuple[str, ...] = option(
        ("AvailabilityZoneFilter", "CapacityFilter", "CapabilitiesFilter"),
        help="Filters that every pool must pass, by class name.",
    )
    scheduler_default_weighers: tuple[str, ...] = option(
        ("CapacityWeigher",), help="Weighers that order the pools that fit, by class name."
    )
    capacity_weight_multiplier: float = option(
        1.0, help="How much free space counts. Negative fills one pool before the next."
    )
    allocated_capacity_weight_multiplier: float = option(
        -1.0, help="How much allocated space counts. Negative spreads volumes."
    )
    volume_number_multiplier: float = option(
        -1.0, help="How much the number of volumes counts. Negative spreads volumes."
    )


class Weigher(Protocol):
    """A measure by which pools that fit are ordered. It is made with the settings and does no I/O."""

    @property
    def name(self) -> str:
        """Cinder's class name, by which `scheduler_default_weighers` asks for it."""

    @property
    def multiplier(self) -> float:
        """What the number counts for, after it has been scaled to 0…1 among the pools that fit."""

    def weigh(self, request: Request, pools: Sequence[PoolState]) -> Sequence[float]:
        """One finite number for each pool, in their order. The same arguments must give the same numbers."""


class CapacityWeigher:
    """Free space, over-subscription included."""

    name: Final = "CapacityWeigher"

    def __init__(self, settings: SchedulerSettings) -> None:
        self.multiplier = settings.capacity_weight_multiplier

    def weigh(self, request: Request, pools: Sequence[PoolState]) -> Sequence[float]:
        thick = request.is_thick
        free = [virtual_free_gib(pool, thick) for pool in pools]
        # A pool without numbers comes last, whichever end is wanted.
        last = -1.0 if self.multiplier > 0 else max((gib for gib in free if gib != inf), default=0.0) + 1
        return [last if gib == inf else gib for gib in free]


class AllocatedCapacityWeigher:
    """GiB that are placed on the pool."""

    name: Final = "AllocatedCapacityWeigher"

    def __init__(self, settings: SchedulerSettings) -> None:
        self.multiplier = settings.allocated_capacity_weight_multiplier

    def weigh(self, request: Request, pools: Sequence[PoolState]) -> Sequence[float]:  # noqa: ARG002
        return [pool.allocated_gib for pool in pools]


class VolumeNumberWeigher:
    """Volumes that are placed on the pool."""

    name: Final = "VolumeNumberWeigher"

    def __init__(self, settings: SchedulerSettings) -> None:
        self.multiplier = settings.volume_number_multiplier

    def weigh(self, request: Request, pools: Sequence[PoolState]) -> Sequence[float]:  # noqa: ARG002
        return [pool.volume_count for pool in pools]


class ChanceWeigher:
    """A lot drawn for each volume and pool. Drawing again gives the same lot, so that decisions can be replayed."""

    name: Final = "ChanceWeigher"
    multiplier: Final = 1.0

    def __init__(self, settings: SchedulerSettings) -> None:
        pass

    def weigh(self, request: Request, pools: Sequence[PoolState]) -> Sequence[float]:
        return [crc32(f"{request.volume_id} {pool.name}".encode()) / 2**32 for pool in pools]
