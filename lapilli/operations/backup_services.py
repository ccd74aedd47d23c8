"""Which backup service does the work: the one that reaches the volume's bytes, or the backup's objects."""

from collections.abc import Sequence

from sqlalchemy import Connection

from lapilli.db import pools, services
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Unavailable
from lapilli.model.values import Location
from lapilli.operations.admission import Rules

_BINARY = "cinder-backup"


def usable(tx: Connection, rules: Rules) -> Sequence[AnyRow]:
    """The backup services that are up, enabled, and have a store that works; `Unavailable` if there is none."""
    found = [
        row
        for row in services.list_all(tx, binary=_BINARY)
        if not row.disabled and row.trouble is None and row.age_s <= rules.service_down_time_s
    ]
    if not found:
        raise Unavailable("No backup service is up.")
    return found


def at(tx: Connection, rules: Rules, host: str) -> AnyRow:
    """The usable backup service of that name; `Unavailable` if it is not."""
    for row in usable(tx, rules):
        if row.host == host:
            return row
    raise Unavailable(f"The backup service on {host} is not up.")


def beside(tx: Connection, rules: Rules, pool: str, zone: str | None = None) -> AnyRow:
    """The usable backup service on the machine where the pool's bytes are; `Unavailable` if there is none.

    `zone` is the availability zone that it has to be in, if any.
    """
    found = at(tx, rules, machine_of(tx, pool))
    if zone is not None and found.availability_zone != zone:
        raise Unavailable(f"No backup service that reaches the volume is in availability zone {zone}.")
    return found


def machine_of(tx: Connection, pool: str) -> str:
    """The machine that reaches the pool's bytes; a backend's own name may be that of a pair of machines."""
    return pools.fact(tx, pool, "machine") or Location.parse(pool).host
