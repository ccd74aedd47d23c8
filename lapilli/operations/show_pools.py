"""The pools that can take volumes, as an administrator asks for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from lapilli.db import pools, types
from lapilli.db.rows import AnyRow
from lapilli.model.errors import NotFound
from lapilli.operations.placement import capabilities
from lapilli.scheduler.specs import demands

_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})


def open_pools(tx: Connection, service_down_time_s: float) -> Sequence[AnyRow]:
    """The pools whose service is up, enabled and not frozen, in the order of names."""
    rows = pools.list_all(tx)
    return [row for row in rows if not (row.disabled or row.frozen) and row.age_s <= service_down_time_s]


def of_type(tx: Connection, rows: Sequence[AnyRow], volume_type: str) -> Sequence[AnyRow]:
    """The pools that meet the extra specs of the type, given by id or name."""
    kind = types.find_named(tx, volume_type, None)
    if kind is None:
        raise NotFound("Volume type", volume_type)
    specs = demands(kind.extra_specs)
    return [row for row in rows if all(spec.meets(capabilities(row)) for spec in specs)]


def has(row: AnyRow, wanted: Mapping[str, str]) -> bool:
    """Whether the pool's capabilities (and `name`) are, in words, as wanted."""
    found = {**capabilities(row), "name": row.name}
    return all(_is(found.get(key), value) for key, value in wanted.items())


def _is(capability: Any, value: str) -> bool:
    if isinstance(capability, bool):
        return capability is (value.lower() in _TRUE)
    if isinstance(capability, int | float):
        try:
            return capability == float(value)
        except ValueError:
            return False
    if isinstance(capability, list):
        return value in capability
    return capability is not None and str(capability) == value
