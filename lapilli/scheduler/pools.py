"""What the ranking looks at: pools as they are known now, and the request that needs a place in one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Gib = float | Literal["infinite", "unknown"]
"""A size in GiB, or the two words with which a backend says that it has no number."""


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool at one moment, put together from its service, its last report and the database's account.

    `name` is `host@backend#pool`. `allocated_gib` is the database's exact sum of what is placed on `account`, and
    `provisioned_gib` the backend's own sum, which lags by one report. `max_over_subscription_ratio` is a number
    already (`capacity.over_subscription_ratio` works out `auto`). `capabilities` is the report under Cinder's names
    (`volume_backend_name`, `total_volumes`, `QoS_support` …); extra specs are compared with it and nothing else.
    """

    name: str
    zone: str
    account: str
    total_gib: Gib | None
    free_gib: Gib | None
    allocated_gib: float = 0
    provisioned_gib: float = 0
    reserved_percentage: int = 0
    max_over_subscription_ratio: float = 1.0
    thin: bool = False
    thick: bool = False
    volume_count: int = 0
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    is_up: bool = True
    is_enabled: bool = True
    is_frozen: bool = False
    why_down: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What needs a place.

    `size_gib` is the space still to be found: for an extend the new size minus the old, for a volume that is taken
    under management 0. Empty `zones` mean any. `excluded` and `required` hold names of pools (`host@backend#pool`) or
    of whole backends (`host@backend`): those that were tried and failed, and the one that the source's data binds
    the volume to. `exists_on` is the pool that has the volume already.
    """

    volume_id: str
    size_gib: int
    operation: Literal["create", "extend", "retype", "migrate", "manage"] = "create"
    zones: tuple[str, ...] = ()
    extra_specs: Mapping[str, str | None] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    required: str = ""
    exists_on: str = ""
    is_attached: bool = False

    @property
    def is_thick(self) -> bool:
        """Whether the type insists on space that is set aside in full."""
        return self.extra_specs.get("provisioning:type") == "thick"


def is_in(pool: PoolState, name: str) -> bool:
    """Whether `name` is the pool itself or the backend that it belongs to."""
    return pool.name == name or pool.name.startswith(f"{name}#")
