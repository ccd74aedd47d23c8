"""How much a pool can still promise: reserved space, over-subscription, thin and thick."""

from math import floor, inf

from lapilli.model.errors import Malformed
from lapilli.scheduler.pools import Gib, PoolState

RATIO_OF_AN_EMPTY_POOL = 20.0


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
        return round(available * pool.max_over_subscription_ratio - promised, 2)
    return round(min(free, available - promised), 2)
