"""The replication of groups: which types ask for it. No storage that is spoken to replicates groups."""

from typing import Final, NoReturn

from sqlalchemy import Connection

from lapilli.db import group_types, groups, types
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.values import Caller
from lapilli.operations.admission import scope_of
from lapilli.operations.group_rules import says

_OF_GROUPS: Final = ("group_replication_enabled", "consistent_group_replication_enabled")
_OF_VOLUMES: Final = "replication_enabled"


def refuse(tx: Connection, caller: Caller, group_id: str) -> NoReturn:
    """Say what keeps the group from being replicated: its type, the types of its volumes, or else its storage."""
    group = groups.get(tx, group_id, scope_of(caller))
    specs = group_types.get(tx, group.group_type_id, None).group_specs
    if not any(says(specs, key) for key in _OF_GROUPS):
        raise Malformed(f"The type of group {group_id} does not ask for replication: it sets none of {_OF_GROUPS}.")
    for type_id in groups.type_ids(tx, [group_id])[group_id]:
        if not says(types.get(tx, type_id, None).extra_specs, _OF_VOLUMES):
            raise Malformed(f"Volume type {type_id} of the group does not set {_OF_VOLUMES}='<is> True'.")
    raise Conflict(f"The storage of group {group_id} does not replicate groups.")
