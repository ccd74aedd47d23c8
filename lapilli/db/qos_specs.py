"""Questions about QoS specs and the volume types that have them, and what may be written to their rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db import notifications
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow, first
from lapilli.db.schema import qos_specs, volume_types
from lapilli.model.errors import NotFound, Taken

_BY_ID: Final = select(qos_specs).where(qos_specs.c.id == bindparam("wanted"))
_LOCKING: Final = _BY_ID.with_for_update()
_OF_TYPE: Final = (
    select(qos_specs)
    .join(volume_types, volume_types.c.qos_specs_id == qos_specs.c.id)
    .where(volume_types.c.id == bindparam("of"))
)


def get(tx: Connection, id: str) -> AnyRow:
    """The specs of that id, or `NotFound`."""
    return _found(first(tx.execute(_BY_ID, {"wanted": id})), id)


def lock(tx: Connection, id: str) -> AnyRow:
    """`get`, and no other transaction changes or associates them before this one has ended."""
    return _found(first(tx.execute(_LOCKING, {"wanted": id})), id)


def _found(row: AnyRow | None, id: str) -> AnyRow:
    if row is None:
        raise NotFound("QoS specs", id)
    return row


def of_type(tx: Connection, type_id: str) -> AnyRow | None:
    """The specs that the volume type has, or None."""
    return first(tx.execute(_OF_TYPE, {"of": type_id}))


def list_all(tx: Connection) -> Sequence[AnyRow]:
    """All of them."""
    return tx.execute(select(qos_specs)).all()


def add(tx: Connection, **values: Any) -> None:
    """Insert specs; `Taken` when the name is."""
    try:
        tx.execute(insert(qos_specs).values(created_at=now_text(), **values))
    except IntegrityError as error:
        raise Taken(f"QoS specs {values['name']} already exist.") from error
    _tell(tx, "create", values)


def _tell(tx: Connection, event: str, told: Mapping[str, Any]) -> None:
    notifications.announce(tx, f"qos_specs.{event}", "QoSSpecs", told)


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns."""
    tx.execute(update(qos_specs).where(qos_specs.c.id == id).values(updated_at=now_text(), **values))
    _tell(tx, "update", {"id": id, **values})


def remove(tx: Connection, id: str) -> None:
    """Delete specs that no type has; the caller has locked them and looked."""
    tx.execute(delete(qos_specs).where(qos_specs.c.id == id))
    _tell(tx, "delete", {"id": id})


def types_of(tx: Connection, id: str) -> Sequence[AnyRow]:
    """Id and name of the volume types that have the specs."""
    mine = select(volume_types.c.id, volume_types.c.name).where(volume_types.c.qos_specs_id == id)
    return tx.execute(mine.order_by(volume_types.c.name)).all()


def associate(tx: Connection, id: str, type_id: str) -> None:
    """Give the volume type the specs."""
    _set_of(tx, volume_types.c.id == type_id, id)
    _tell(tx, "associate", {"id": id, "type_id": type_id})


def disassociate(tx: Connection, id: str, type_id: str) -> None:
    """Take the specs from a volume type. If it has others or none, do nothing."""
    _set_of(tx, (volume_types.c.id == type_id) & (volume_types.c.qos_specs_id == id), None)
    _tell(tx, "disassociate", {"id": id, "type_id": type_id})


def disassociate_all(tx: Connection, id: str) -> None:
    """Take the specs from every volume type."""
    _set_of(tx, volume_types.c.qos_specs_id == id, None)
    _tell(tx, "disassociate_all", {"id": id})


def _set_of(tx: Connection, which: Any, id: str | None) -> None:
    tx.execute(update(volume_types).where(which).values(qos_specs_id=id, updated_at=now_text()))
