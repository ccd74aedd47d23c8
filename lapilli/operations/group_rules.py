"""What groups promise: what their types say, who may be in them, and where their volumes lie."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from lapilli.db import groups
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import require_status, scope_of
from lapilli.work.operation import Retry

CONSISTENT_SNAPSHOTS: Final = "consistent_group_snapshot_enabled"
"""The spec of a group type whose groups are kept as of one moment, and the capability of pools that can do so."""


def says(specs: Mapping[str, str | None], key: str) -> bool:
    """Whether the specs of a type switch the key on."""
    return specs.get(key) == "<is> True"


def lock_for_new_volume(tx: Connection, caller: Caller, group_id: str, volume_type: str | None) -> AnyRow:
    """The group that a new volume is to be in, for which the request has to name a type.

    Raises `NotFound`, `Conflict` and `Malformed`.
    """
    group = groups.lock(tx, group_id, scope_of(caller))
    if not volume_type:
        raise Malformed("A volume of a group needs a volume_type, one of those of the group.")
    if group.project_id != caller.project_id:
        raise Malformed(f"Group {group_id} is of another project; a volume is of the project of its group.")
    require_status("Group", group, {"available", "creating"})
    return group


def check_type(tx: Connection, group: AnyRow, volume_type_id: str) -> None:
    """Raise `Malformed` unless volumes of the group may be of the type."""
    if volume_type_id not in groups.type_ids(tx, [group.id])[group.id]:
        raise Malformed(f"Group {group.id} has no volumes of type {volume_type_id}.")


def bound_to(tx: Connection, group_id: str, source_host: str) -> str:
    """The backend, or the pool of what is copied (else empty), that a new volume of the group must go to.

    Raises `Retry` while the group itself is being placed, and `Conflict` when there is no such place.
    """
    group = groups.get(tx, group_id, None)
    if group.host is None and group.status == "creating":
        raise Retry(f"group {group_id} is being placed")
    if group.host is None:
        raise Conflict(f"Group {group_id} was not placed on any storage, so its volumes cannot be.")
    backend = Location.parse(group.host).service
    if source_host and Location.parse(source_host).service != backend:
        raise Conflict(f"What is copied lies on {source_host}, and the volumes of group {group_id} on {backend}.")
    return source_host or backend
