"""Questions about volume types, and what may be written to their rows."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db import notifications
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow, first
from lapilli.db.schema import quota_classes, quotas, volume_type_projects, volume_types, volumes
from lapilli.model.errors import Conflict, NotFound, Taken

_BY_ID: Final = select(volume_types).where(volume_types.c.id == bindparam("wanted"))
_BY_NAME: Final = select(volume_types).where(volume_types.c.name == bindparam("wanted"))
_LOCKING: Final = _BY_ID.with_for_update()
_HOLDING_BY_ID, _HOLDING_BY_NAME = (each.with_for_update(read=True, of=volume_types) for each in (_BY_ID, _BY_NAME))
_ALLOWED: Final = select(volume_type_projects.c.volume_type_id)
_QUOTAS_PER_TYPE = ("volumes", "gigabytes", "snapshots")


def _visible_to(scope: str | None) -> Any:
    if scope is None:
        return volume_types.c.id.is_not(None)
    allowed = _ALLOWED.where(volume_type_projects.c.project_id == scope)
    return or_(volume_types.c.is_public, volume_types.c.id.in_(allowed))


def find(tx: Connection, id: str, scope: str | None) -> AnyRow | None:
    """The type of that id, if the project may use it; `scope` None sees all."""
    return _find(tx, _BY_ID, id, scope)


def find_named(tx: Connection, id_or_name: str, scope: str | None) -> AnyRow | None:
    """The type of that id, or else of that name."""
    found = find(tx, id_or_name, scope)
    if found is None:
        found = _find(tx, _BY_NAME, id_or_name, scope)
    return found


def hold_named(tx: Connection, id_or_name: str, scope: str | None) -> AnyRow | None:
    """`find_named`, and nobody changes what the type promises before this transaction has ended."""
    found = _find(tx, _HOLDING_BY_ID, id_or_name, scope)
    return _find(tx, _HOLDING_BY_NAME, id_or_name, scope) if found is None else found


def _find(tx: Connection, question: Select[*tuple[Any, ...]], wanted: str, scope: str | None) -> AnyRow | None:
    if scope is not None:
        question = question.where(_visible_to(scope))
    return first(tx.execute(question, {"wanted": wanted}))


def get(tx: Connection, id: str, scope: str | None) -> AnyRow:
    """The type of that id; `NotFound` if there is none that the project may use."""
    row = find(tx, id, scope)
    if row is None:
        raise NotFound("Volume type", id)
    return row


def lock(tx: Connection, id: str) -> AnyRow:
    """`get` for all projects, and no volume of the type is made before this transaction has ended."""
    row = first(tx.execute(_LOCKING, {"wanted": id}))
    if row is None:
        raise NotFound("Volume type", id)
    return row


def list_all(tx: Connection, scope: str | None, is_public: bool | None = None) -> Sequence[AnyRow]:
    """The types that the scope may see, the newest first; `is_public` narrows to public or to private ones."""
    question = select(volume_types).where(_visible_to(scope))
    if is_public is not None:
        question = question.where(volume_types.c.is_public == is_public)
    return tx.execute(question.order_by(volume_types.c.created_at.desc(), volume_types.c.id.desc())).all()


def add(tx: Connection, **values: Any) -> None:
    """Insert a type; `Taken` when the name is."""
    try:
        tx.execute(insert(volume_types).values(created_at=now_text(), **values))
    except IntegrityError as error:
        raise Taken(f"Volume type {values['name']} already exists.") from error
    _tell(tx, "create", values)


def change(tx: Connection, row: AnyRow, **values: Any) -> None:
    """Write columns of a type. Its quotas are called by its name, and follow a new one."""
    try:
        tx.execute(update(volume_types).where(volume_types.c.id == row.id).values(updated_at=now_text(), **values))
    except IntegrityError as error:
        raise Taken(f"Volume type {values['name']} already exists.") from error
    name = values.get("name", row.name)
    if name != row.name:
        for table, resource in product((quotas, quota_classes), _QUOTAS_PER_TYPE):
            # Limits of a type that is gone are kept, and this one may take its name.
            tx.execute(delete(table).where(table.c.resource == f"{resource}_{name}"))
            renamed = update(table).where(table.c.resource == f"{resource}_{row.name}")
            tx.execute(renamed.values(resource=f"{resource}_{name}"))
    _tell(tx, "update", {"id": row.id, "name": name, **values})


def set_extra_specs(tx: Connection, id: str, extra_specs: Mapping[str, str | None]) -> None:
    """Replace the extra specs of a type."""
    values = {"extra_specs": dict(extra_specs), "updated_at": now_text()}
    tx.execute(update(volume_types).where(volume_types.c.id == id).values(**values))
    told = {"type_id": id, "specs": dict(extra_specs)}
    notifications.announce(tx, "volume_type_extra_specs.update", "volumeTypeExtraSpecs", told)


def is_used(tx: Connection, id: str) -> bool:
    """Whether a volume is of the type."""
    return bool(tx.execute(select(exists().where(volumes.c.volume_type_id == id))).scalar())


def remove(tx: Connection, id: str) -> None:
    """Delete a type that no volume is of and no group has."""
    try:
        tx.execute(delete(volume_types).where(volume_types.c.id == id))
    except IntegrityError as error:
        raise Conflict(f"Volume type {id} cannot be deleted: volumes are of this type, or groups have it.") from error
    _tell(tx, "delete", {"id": id})


def _tell(tx: Connection, event: str, values: Mapping[str, Any]) -> None:
    notifications.announce(tx, f"volume_type.{event}", "volumeType", {"volume_types": dict(values)})


def projects_of(tx: Connection, id: str) -> Sequence[str]:
    """The projects that may use a private type."""
    rows = select(volume_type_projects.c.project_id).where(volume_type_projects.c.volume_type_id == id)
    return tx.execute(rows.order_by(volume_type_projects.c.project_id)).scalars().all()


def allow(tx: Connection, id: str, project_id: str) -> None:
    """Let a project use a private type; `Taken` if it may already."""
    try:
        tx.execute(insert(volume_type_projects).values(volume_type_id=id, project_id=project_id))
    except IntegrityError as error:
        raise Taken(f"Project {project_id} may use volume type {id} already.") from error
    _tell_access(tx, "add", id, project_id)


def disallow(tx: Connection, id: str, project_id: str) -> None:
    """Take a private type from a project; `NotFound` if it may not use it."""
    mine = (volume_type_projects.c.volume_type_id == id) & (volume_type_projects.c.project_id == project_id)
    if not tx.execute(delete(volume_type_projects).where(mine)).rowcount:
        raise NotFound("Access to volume type", f"{id} of project {project_id}")
    _tell_access(tx, "remove", id, project_id)


def _tell_access(tx: Connection, event: str, id: str, project_id: str) -> None:
    told = {"volume_type_id": id, "project_id": project_id}
    notifications.announce(tx, f"volume_type_project.access.{event}", "volume_type_project", told)
