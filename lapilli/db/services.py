"""Questions about the services, their heartbeats, and what an administrator may set."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from lapilli.db.clock import now_s, now_text
from lapilli.db.rows import AnyRow, every, first
from lapilli.db.schema import services
from lapilli.model.errors import NotFound

_AGE_S: Final = (now_s() - services.c.heartbeat_s).label("age_s")
_NAMED: Final = select(services, _AGE_S).where(
    services.c.binary == bindparam("binary"), services.c.host == bindparam("host")
)


_LOG_LEVELS: Final = select(
    services.c.binary, services.c.host, services.c.log_levels, services.c.wanted_log_levels
).where(tuple_(services.c.binary, services.c.host).in_(bindparam("which", expanding=True)))
_ZONES: Final = select(services.c.availability_zone).where(services.c.binary == "cinder-volume").distinct().limit(2)


def beat(
    tx: Connection, binary: str, host: str, zone: str, trouble: str | None = None, cluster: str | None = None
) -> None:
    """Say that the service lives, in which zone, and what troubles it; its first heartbeat registers it.

    `cluster` is the one that it belongs to, if any.
    """
    state = None if binary != "cinder-volume" else "down" if trouble else "up"
    values = {"availability_zone": zone, "trouble": trouble, "backend_state": state, "heartbeat_s": now_s()}
    values["cluster_name"] = cluster
    mine = (services.c.binary == binary) & (services.c.host == host)
    if tx.execute(update(services).where(mine).values(**values)).rowcount:
        return
    try:
        with tx.begin_nested():
            new = insert(services).values(uuid=str(uuid.uuid4()), binary=binary, host=host, created_at=now_text())
            tx.execute(new.values(**values))
    except IntegrityError:
        return  # the same service beat from another thread a moment earlier


def list_all(tx: Connection, binary: str | None = None, host: str | None = None) -> Sequence[AnyRow]:
    """The services with `age_s`, the seconds since their last heartbeat. A host also finds its backends."""
    question = select(services, _AGE_S)
    if binary is not None:
        question = question.where(services.c.binary == binary)
    if host is not None:
        backends = services.c.host.startswith(f"{host}@", autoescape=True)
        question = question.where(or_(services.c.host == host, backends))
    return tx.execute(question.order_by(services.c.id)).all()


def find(tx: Connection, binary: str, host: str) -> AnyRow | None:
    """The service, with `age_s`, or None."""
    return first(tx.execute(_NAMED, {"binary": binary, "host": host}))


def only_zone(tx: Connection) -> str | None:
    """The zone of every backend, or None if there are several zones, or no backend."""
    zones = tx.scalars(_ZONES).all()
    return str(zones[0]) if len(zones) == 1 else None


def change(tx: Connection, binary: str, host: str, **values: Any) -> None:
    """Write what an administrator set; `NotFound` if there is no such service."""
    mine = (services.c.binary == binary) & (services.c.host == host)
    if not tx.execute(update(services).where(mine).values(updated_at=now_text(), **values)).rowcount:
        raise NotFound("Service", f"{binary} on host {host}")


def log_levels(tx: Connection, of: Sequence[tuple[str, str]]) -> Sequence[AnyRow]:
    """What the services `of` (binary, host) log from on, and what is wanted: `log_levels`, `wanted_log_levels`."""
    return every(tx.execute(_LOG_LEVELS, {"which": of}))


def want_log_levels(tx: Connection, binary: str, host: str, wanted: Mapping[str, str]) -> None:
    """Say from which level on the service is to log, by the beginning of the loggers' names."""
    mine = (services.c.binary == binary) & (services.c.host == host)
    tx.execute(update(services).where(mine).values(wanted_log_levels=dict(wanted)))


def tell_log_levels(tx: Connection, binary: str, host: str, levels: Mapping[str, str]) -> None:
    """Say from which level on each logger of the service's process logs."""
    mine = (services.c.binary == binary) & (services.c.host == host)
    tx.execute(update(services).where(mine).values(log_levels=dict(levels)))


def remove(tx: Connection, binary: str, host: str) -> None:
    """Forget a service; it registers anew with its next heartbeat."""
    mine = (services.c.binary == binary) & (services.c.host == host)
    if not tx.execute(services.delete().where(mine)).rowcount:
        raise NotFound("Service", f"{binary} on host {host}")
