"""What a backend has on its storage, and which of it is managed already."""

import math
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lapilli.db import snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, NotFound
from lapilli.model.protocols.storage import Existing, ManagesExisting
from lapilli.model.values import GIB
from lapilli.operations.admission import Rules
from lapilli.operations.desks import VolumeDesk

_CANNOT = "This storage cannot take over what others have put there."


def reference_of(asked: Mapping[str, Any] | str | None) -> dict[str, Any]:
    """A reference as a request gives it: a text alone is a name."""
    return dict(asked) if isinstance(asked, Mapping) else {"source-name": asked}


def held_name(service: str, reference: Mapping[str, Any]) -> str:
    """What an operation holds while it takes the thing over, so that no other does."""
    return f"{service} {reference.get('source-name')}"[:255]


def check_unmanaged(tx: Connection, rules: Rules, reference: Mapping[str, Any]) -> None:
    """Raise `Malformed` for the name of a volume or snapshot that there is."""
    name = str(reference.get("source-name"))
    kinds = ((rules.volume_name_template, volumes.find), (rules.snapshot_name_template, snapshots.find))
    for template, find in kinds:
        found = re.fullmatch(re.escape(template).replace("%s", "(.+)"), name)
        if found and find(tx, found[1], None) is not None:
            raise Malformed(f"{name} is managed already.")


def driver_of(desk: VolumeDesk) -> ManagesExisting:
    """The desk's driver, if it can take things over; else `Malformed`."""
    if not isinstance(desk.driver, ManagesExisting):
        raise Malformed(_CANNOT)
    return desk.driver


def measure(desk: VolumeDesk, reference: Mapping[str, Any]) -> tuple[str, int]:
    """The name of what the reference means, and its size in GiB, rounded up.

    Raises `NotFound`, and `Malformed` if it is managed already.
    """
    driver = driver_of(desk)
    name = driver.existing_name(reference)
    with desk.db.read() as tx:
        known = managed(tx, desk)
    if name in known:
        raise Malformed(f"{name} is managed already, as {known[name].id}.")
    found = next((each for each in driver.existing() if each.name == name), None)
    if found is None:
        raise NotFound("Existing storage", name)
    return name, whole_gib(found)


def whole_gib(existing: Existing) -> int:
    """The GiB of a volume that is at least as large."""
    return max(1, math.ceil(existing.size_bytes / GIB))


def managed(tx: Connection, desk: VolumeDesk) -> dict[str, AnyRow]:
    """The rows of all volumes and snapshots of the backend, by their names on its storage."""
    found = {desk.names.volume(row.id): row for row in volumes.of_service(tx, desk.service)}
    return found | {desk.names.snapshot(row.id): row for row in snapshots.of_service(tx, desk.service)}
