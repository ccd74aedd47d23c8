"""Questions about clusters: services of several hosts that serve the same storage."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Integer, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db.clock import now_s, now_text
from lapilli.db.rows import AnyRow, every
from lapilli.db.schema import clusters, groups, services, volumes
from lapilli.model.errors import Conflict, NotFound

_IS_DOWN: Final = now_s() - services.c.heartbeat_s > bindparam("down_time_s")
# A cluster without services has no row on the other side of the join.
_MEMBERS: Final = func.count(services.c.id).label("num_hosts")
_DOWN: Final = func.coalesce(func.sum(case((_IS_DOWN, 1), else_=0).cast(Integer)), 0).label("num_down_hosts")
_ALL: Final = (
    select(clusters, _MEMBERS, _DOWN, func.max(services.c.heartbeat_s).label("heartbeat_s"))
    .outerjoin(services, (services.c.cluster_name == clusters.c.name) & (services.c.binary == clusters.c.binary))
    .group_by(*clusters.c)
    .order_by(clusters.c.name)
)


def register(tx: Connection, name: str, binary: str) -> None:
    """Make the cluster known, if it is not."""
    if tx.execute(select(clusters.c.id).where(_named(name, binary))).first() is None:
        try:
            with tx.begin_nested():
                tx.execute(insert(clusters).values(name=name, binary=binary, created_at=now_text()))
        except IntegrityError:
            return  # another of its services was a moment faster


def list_all(tx: Connection, down_time_s: float) -> Sequence[AnyRow]:
    """The clusters, with `num_hosts`, `num_down_hosts` and the `heartbeat_s` of the service heard of last, or None.

    A service is down when nothing was heard of it for `down_time_s`.
    """
    return every(tx.execute(_ALL, {"down_time_s": down_time_s}))


def get(tx: Connection, name: str, binary: str, down_time_s: float) -> AnyRow:
    """The cluster, with the columns of `list_all`; `NotFound` if there is none."""
    found = tx.execute(_ALL.where(_named(name, binary)), {"down_time_s": down_time_s})
    row = next(iter(every(found)), None)
    if row is None:
        raise NotFound("Cluster", name)
    return row


def change(tx: Connection, name: str, binary: str, **values: Any) -> None:
    """Write what an administrator set; `NotFound` if there is no such cluster."""
    if not tx.execute(update(clusters).where(_named(name, binary)).values(updated_at=now_text(), **values)).rowcount:
        raise NotFound("Cluster", name)


def remove(tx: Connection, name: str, binary: str, *, recursive: bool) -> int:
    """Forget a cluster, and with `recursive` its services, of which it returns how many there were."""
    members = (services.c.cluster_name == name) & (services.c.binary == binary)
    count = tx.execute(select(func.count()).select_from(services).where(members)).scalar_one()
    if count and not recursive:
        raise Conflict(f"Cluster {name} has {count} services; remove them first, or use --recursive.")
    tx.execute(delete(services).where(members))
    if not tx.execute(delete(clusters).where(_named(name, binary))).rowcount:
        raise NotFound("Cluster", name)
    return int(count)


def rename(tx: Connection, current: str, new: str, *, is_whole: bool) -> int:
    """Put `new` in the place of `current`, with what follows it after `@` or `#` unless `is_whole`.

    Returns how many clusters, services, volumes and groups had the name; `NotFound` if none had.
    """
    count = 0
    for column in (clusters.c.name, services.c.cluster_name, volumes.c.cluster_name, groups.c.cluster_name):
        fits = column == current
        if not is_whole:
            fits = or_(fits, *(column.startswith(f"{current}{mark}", autoescape=True) for mark in "@#"))
        for name in tx.execute(select(column).where(fits).distinct()).scalars().all():
            renamed = new if is_whole else new + name[len(current) :]
            count += tx.execute(update(column.table).where(column == name).values({column.name: renamed})).rowcount
    if not count:
        raise NotFound("Cluster", current)
    return count


def _named(name: str, binary: str) -> Any:
    return (clusters.c.name == name) & (clusters.c.binary == binary)
