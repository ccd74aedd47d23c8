"""Questions about group types, and what may be written to their rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db import notifications
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow, first
from lapilli.db.schema import group_types
from lapilli.model.errors import Conflict, NotFound, Taken

OF_CONSISTENCY_GROUPS: Final = "default_cgsnapshot_type"
"""The name of the type of legacy consistency groups; the migrations make it."""

_BY_ID: Final = select(group_types).where(group_types.c.id == bindparam("wanted"))
_BY_NAME: Final = select(group_types).where(group_types.c.name == bindparam("wanted"))
_LOCKING: Final = _BY_ID.with_for_update()


def find_named(tx: Connection, id_or_name: str, scope: str | None) -> AnyRow | None:
    """The type of that id, or else of that name. No project may use a private one; `scope` None sees all."""
    found = _find(tx, _BY_ID, id_or_name, scope)
    return _find(tx, _BY_NAME, id_or_name, scope) if found is None else found


def get(tx: Connection, id: str, scope: str | None) -> AnyRow:
    """The type of that id; `NotFound` if there is none that the project may use."""
    row = _find(tx, _BY_ID, id, scope)
    if row is None:
        raise NotFound("Group type", id)
    return row


def lock(tx: Connection, id: str) -> AnyRow:
    """`get` for all projects, and no other transaction changes the row before this one has ended."""
    row = _find(tx, _LOCKING, id, None)
    if row is None:
        raise NotFound("Group type", id)
    return row


def _find(tx: Connection, question: Select[*tuple[Any, ...]], wanted: str, scope: str | None) -> AnyRow | None:
    row = first(tx.execute(question, {"wanted": wanted}))
    return row if row is not None and (scope is None or row.is_public) else None


def list_all(tx: Connection, is_public: bool | None) -> Sequence[AnyRow]:
    """The public or the private types, or with None both."""
    question = select(group_types)
    if is_public is not None:
        question = question.where(group_types.c.is_public == is_public)
    return tx.execute(question).all()


def add(tx: Connection, **values: Any) -> None:
    """Insert a type; `Taken` when the name is."""
    try:
        tx.execute(insert(group_types).values(created_at=now_text(), **values))
    except IntegrityError as error:
        raise Taken(f"Group type {values['name']} already exists.") from error
    notifications.announce(tx, "group_type.create", "groupType", {"group_types": values})


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns of a type; `Taken` when the new name is."""
    try:
        tx.execute(update(group_types).where(group_types.c.id == id).values(updated_at=now_text(), **values))
    except IntegrityError as error:
        raise Taken(f"Group type {values['name']} already exists.") from error
    notifications.announce(tx, "group_type.update", "groupType", {"group_types": {"id": id, **values}})


def set_specs(tx: Connection, id: str, specs: Mapping[str, str | None]) -> None:
    """Replace the specs of a type."""
    change(tx, id, group_specs=dict(specs))


def remove(tx: Connection, id: str) -> None:
    """Delete a type that no group is of."""
    try:
        tx.execute(delete(group_types).where(group_types.c.id == id))
    except IntegrityError as error:
        raise Conflict(f"Group type {id} cannot be deleted: groups are of this type.") from error
    notifications.announce(tx, "group_type.delete", "groupType", {"group_types": {"id": id}})
