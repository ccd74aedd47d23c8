"""How much a pool can still promise: reserved space, over-subscription, thin and thick."""

from collections.abc import Mapping
from math import floor, inf
from typing import Any

from lapilli.model.errors import Malformed
from lapilli.scheduler.pools import Gib, PoolState

RATIO_OF_AN_EMPTY_POOL = 20.0
MOST_METADATA_PERCENT = 90
"""Soon after this, LVM makes no more volumes in a thin pool: there is nowhere to write down where their blocks are."""


def over_subscription_ratio(
    reported: float | str, *, total_gib: Gib | None, free_gib: Gib | None, provisioned_gib: float, thin: bool
) -> float:
    """The number behind `max_over_subscription_ratio`, which may be `auto` or a number as text.

    `auto` grows with what a pool's data has turned out to need. Without thin support, or without sizes, nothing can
    be over-subscribed: 1. Raises `Malformed` for any other text.
    """
    if not thin or not isinstance(total_gib, int | float) or not isinstance(free_gib, int | float):
        return 1.0
    if reported != "auto":
        try:
            return float(reported)
        except ValueError:
            raise Malformed(f"max_over_subscription_ratio is {reported!r}: write a number, or auto.") from None
    if not provisioned_gib:
        return RATIO_OF_AN_EMPTY_POOL
    return 1 + provisioned_gib / (total_gib - free_gib + 1)


def why_closed(
    total_gib: Gib | None, free_gib: Gib | None, reserved_percentage: int, capabilities: Mapping[str, Any]
) -> str | None:
    """Why a thin pool takes nothing more, whatever it could still promise; None while it does.

    It is closed when what is really written has reached the reserve, in its data or in its metadata: a thin pool that
    is full gives I/O errors to everybody in it.
    """
    used, most = capabilities.get("thin_pool_metadata_percent"), min(MOST_METADATA_PERCENT, 100 - reserved_percentage)
    if isinstance(used, int | float) and used >= most:
        return f"its metadata is {used:g} % full, and may be {most} %"
    if isinstance(total_gib, int | float) and isinstance(free_gib, int | float):
        reserve_gib = floor(total_gib * reserved_percentage / 100)
        if total_gib and free_gib <= reserve_gib:
            return f"{free_gib:.12g} of {total_gib:.12g} GiB are unwritten, and {reserve_gib} GiB are reserved"
    return None


def virtual_free_gib(pool: PoolState, thick: bool) -> float:
    """What the pool can still promise to a volume, in GiB with 2 decimals; infinite if it does not say.

    `thick` volumes never count on over-subscription. The result is negative where more is promised already.
    """
    total, free = pool.total_gib, pool.free_gib
    if total is None or free is None or isinstance(total, str) or isinstance(free, str):
        return inf
    available = total - floor(total * pool.reserved_percentage / 100)
    # Volumes placed since the last report are in the account only, snapshots in the report only.
    promised = max(pool.provisioned_gib, pool.allocated_gib)
    if pool.thin and not thick:
        left = round(available * pool.max_over_subscription_ratio - promised, 2)
        return min(left, 0.0) if why_closed(total, free, pool.reserved_percentage, pool.capabilities) else left
    return round(min(free, available - promised), 2)
