"""QoS specs as hosts get them: limits of a volume, some of which grow with its size."""

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from lapilli.db import qos_specs
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed

Specs = Mapping[str, str | None]

_LIMITS: Final = tuple(f"{what}_{unit}_sec" for what in ("read", "write", "total") for unit in ("iops", "bytes"))
_NUMBERS: Final = frozenset(f"{limit}_{part}" for limit in _LIMITS for part in ("per_gb", "per_gb_min", "max"))
"""The specs that are reckoned with. Others belong to the host or the backend, as they are."""
_MOST: Final = 2**63 - 1


def check(specs: Specs) -> None:
    """Raise `Malformed` for a number to reckon with that is none: no host could be told its limit."""
    for key, value in specs.items():
        if key in _NUMBERS and not re.fullmatch(r"[0-9]{1,18}", value or ""):
            raise Malformed(f"{key} must be a whole number of at most 18 digits, not {value!r}.")


def of_volume(tx: Connection, volume: AnyRow) -> dict[str, str | int | None] | None:
    """What the volume's host is to see to; None if its type says nothing, or nothing to the host."""
    row = qos_specs.of_type(tx, volume.volume_type_id)
    if row is None or row.consumer == "back-end":
        return None
    return tuned(row.specs, volume.size_gib)


def tuned(specs: Specs, size_gib: int) -> dict[str, str | int | None]:
    """The specs with every limit per GiB worked out for a volume of this size.

    `<limit>_per_gb` times the size is at least `<limit>_per_gb_min` and at most `<limit>_max`; it takes the place of
    these three and of `<limit>`, and is a number, while all other specs stay text.
    """
    found: dict[str, str | int | None] = dict(specs)
    for limit in _LIMITS:
        per_gib = specs.get(f"{limit}_per_gb")
        if per_gib is None:
            continue
        least = int(specs.get(f"{limit}_per_gb_min") or 0)
        most = int(specs.get(f"{limit}_max") or _MOST)
        found[limit] = min(max(int(per_gib) * size_gib, least), most)
        for part in ("per_gb", "per_gb_min", "max"):
            found.pop(f"{limit}_{part}", None)
    return found
