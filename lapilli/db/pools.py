"""Pools and the accounts they draw on. What is allocated changes only in the transaction that places or removes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from lapilli.db.clock import now_s
from lapilli.db.rows import AnyRow, every, first
from lapilli.db.schema import accounts, clusters, leftovers, pools, services
from lapilli.model.protocols.storage import PoolReport

_CLUSTER_DISABLED: Final = (
    exists()
    .where(clusters.c.name == services.c.cluster_name, clusters.c.binary == services.c.binary, clusters.c.disabled)
    .correlate(services)
)
_ALL: Final = (
    select(
        pools.c.name,
        pools.c.service,
        pools.c.account,
        pools.c.allocated_gib.label("pool_allocated_gib"),
        pools.c.volume_count,
        pools.c.capabilities,
        pools.c.reported_s,
        accounts.c.total_gib,
        accounts.c.free_gib,
        accounts.c.allocated_gib,
        accounts.c.allocated_gib_at_report,
        services.c.cluster_name,
        services.c.availability_zone,
        or_(services.c.disabled, _CLUSTER_DISABLED).label("disabled"),
        services.c.frozen,
        services.c.trouble,
        (now_s() - services.c.heartbeat_s).label("age_s"),
    )
    .join(accounts, accounts.c.id == pools.c.account)
    .join(services, (services.c.host == pools.c.service) & (services.c.binary == "cinder-volume"))
    .order_by(pools.c.name)
)

_WAITING: Final = (
    select(leftovers.c.pool, func.count().label("pieces"), func.sum(leftovers.c.size_gib).label("size_gib"))
    .group_by(leftovers.c.pool)
    .order_by(leftovers.c.pool)
)


def allocations(tx: Connection) -> dict[str, int]:
    """What is allocated of each account; to be read before pools are asked for their free space."""
    return {row.id: row.allocated_gib for row in tx.execute(select(accounts.c.id, accounts.c.allocated_gib))}


def report(tx: Connection, name: str, pool: PoolReport, facts: Mapping[str, Any], allocated_before_gib: int) -> None:
    """Write what a pool says about itself. What is allocated is ours to know, and stays as it is.

    `allocated_before_gib` is the account's allocation before the pool was asked: what was placed since may or may not
    be missing from the free space it told.
    """
    space = {
        "total_gib": pool.total_gib,
        "free_gib": pool.free_gib,
        "allocated_gib_at_report": allocated_before_gib,
        "reported_s": now_s(),
    }
    if not tx.execute(update(accounts).where(accounts.c.id == pool.account).values(**space)).rowcount:
        tx.execute(insert(accounts).values(id=pool.account, **space))
    _change_account(tx, name, pool.account)
    row = {"account": pool.account, "capabilities": dict(facts), "reported_s": now_s()}
    if not tx.execute(update(pools).where(pools.c.name == name).values(**row)).rowcount:
        tx.execute(insert(pools).values(name=name, service=name.partition("#")[0], **row))


def _change_account(tx: Connection, name: str, account: str) -> None:
    """What the pool holds goes with it when its storage was replaced, and with it the name of the account."""
    before = tx.execute(select(pools.c.account, pools.c.allocated_gib).where(pools.c.name == name)).first()
    if before is not None and before.account != account:
        for side, more_gib in ((before.account, -before.allocated_gib), (account, before.allocated_gib)):
            more = {"allocated_gib": accounts.c.allocated_gib + more_gib}
            tx.execute(update(accounts).where(accounts.c.id == side).values(**more))


def forget_others(tx: Connection, service: str, names: Sequence[str]) -> None:
    """Delete the service's pools that it no longer reports and that hold nothing, nor what is yet to be wiped."""
    is_empty = (pools.c.volume_count == 0) & (pools.c.allocated_gib == 0)
    tx.execute(delete(pools).where(pools.c.service == service, pools.c.name.not_in(names), is_empty))


def list_all(tx: Connection) -> Sequence[AnyRow]:
    """Every pool with its account and its service, in the order of names."""
    return every(tx.execute(_ALL))


def find_account(tx: Connection, name: str) -> str | None:
    """The account that the pool draws on, or None if there is no such pool."""
    return tx.execute(select(pools.c.account).where(pools.c.name == name)).scalar()


def take(tx: Connection, name: str, size_gib: int, *, volumes: int, limit_gib: float) -> bool:
    """Reserve `size_gib` for `volumes` more volumes, if the account's allocation stays within `limit_gib`.

    A compare-and-swap: of several schedulers that saw the same free space, those that would pass the limit get False.
    """
    account = find_account(tx, name)
    fits = (accounts.c.id == account) & (accounts.c.allocated_gib + size_gib <= limit_gib)
    if not tx.execute(update(accounts).where(fits).values(allocated_gib=accounts.c.allocated_gib + size_gib)).rowcount:
        return False
    _count(tx, name, size_gib, volumes)
    return True


def give_back(tx: Connection, name: str, size_gib: int, *, volumes: int) -> None:
    """Release what `take` reserved."""
    mine = accounts.c.id == select(pools.c.account).where(pools.c.name == name).scalar_subquery()
    tx.execute(update(accounts).where(mine).values(allocated_gib=accounts.c.allocated_gib - size_gib))
    _count(tx, name, -size_gib, -volumes)


def keep_back(tx: Connection, operation: str, name: str, size_gib: int) -> None:
    """Write that the live operation will give back space of which nothing else tells any more."""
    tx.execute(insert(leftovers).values(operation=operation, pool=name, size_gib=size_gib))


def kept_back(tx: Connection, operation: str) -> AnyRow | None:
    """The `pool` and the `size_gib` that the operation will give back; None if it is none of those that do."""
    return first(tx.execute(select(leftovers).where(leftovers.c.operation == operation)))


def let_go(tx: Connection, operation: str) -> tuple[str, int]:
    """Undo `keep_back`: the pool and the GiB, which the caller now has to give back."""
    mine = leftovers.c.operation == operation
    row = tx.execute(select(leftovers).where(mine)).one()
    tx.execute(delete(leftovers).where(mine))
    return row.pool, row.size_gib


def waiting(tx: Connection) -> Sequence[AnyRow]:
    """Of each pool that waits for space: its name (`pool`), how many `pieces` are to be wiped, and their `size_gib`."""
    return every(tx.execute(_WAITING))


def _count(tx: Connection, name: str, size_gib: int, volumes: int) -> None:
    more = {"allocated_gib": pools.c.allocated_gib + size_gib, "volume_count": pools.c.volume_count + volumes}
    tx.execute(update(pools).where(pools.c.name == name).values(**more))


def fact(tx: Connection, name: str, key: str) -> Any:
    """One capability of a pool; None where it says nothing of it."""
    facts = tx.execute(select(pools.c.capabilities).where(pools.c.name == name)).scalar()
    return facts.get(key) if facts else None


def take_if_free(tx: Connection, name: str, size_gib: int) -> bool:
    """Reserve space for a snapshot within what the pool has free, over-subscription left aside."""
    account = tx.execute(select(accounts).where(accounts.c.id == find_account(tx, name))).one()
    limit_gib = account.allocated_gib_at_report + account.free_gib
    return take(tx, name, size_gib, volumes=0, limit_gib=limit_gib)
