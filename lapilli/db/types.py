"""Questions about volume types, and what may be written to their rows."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow, first
from lapilli.db.schema import quota_classes, quotas, volume_type_projects, volume_types, volumes
from lapilli.model.errors import Conflict, NotFound, Taken

_BY_ID: Final = select(volume_types).where(volume_types.c.id == bindparam("wanted"))
_BY_NAME: Final = select(volume_types).where(volume_types.c.name == bindparam("wanted"))
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


def change(tx: Connection, row: AnyRow, **values: Any) -> None:
    """Write columns of a type. Its quotas are called by its name, and follow a new one."""
    try:
        tx.execute(update(volume_types).where(volume_types.c.id == row.id).values(updated_at=now_text(), **values))
    except IntegrityError as error:
        raise Taken(f"Volume type {values['name']} already exists.") from error
    name = values.get("name", row.name)
    if name != row.name:
        for table, resource in product((quotas, quota_classes), _QUOTAS_PER_TYPE):
            renamed = update(table).where(table.c.resource == f"{resource}_{row.name}")
            tx.execute(renamed.values(resource=f"{resource}_{name}"))


def set_extra_specs(tx: Connection, id: str, extra_specs: Mapping[str, str | None]) -> None:
    """Replace the extra specs of a type."""
    values = {"extra_specs": dict(extra_specs), "updated_at": now_text()}
    tx.execute(update(volume_types).where(volume_types.c.id == id).values(**values))


def is_used(tx: Connection, id: str) -> bool:
    """Whether a volume is of the type."""
    return bool(tx.execute(select(exists().where(volumes.c.volume_type_id == id))).scalar())


def remove(tx: Connection, id: str) -> None:
    """Delete a type that no volume is of."""
    try:
        tx.execute(delete(volume_types).where(volume_types.c.id == id))
    except IntegrityError as error:
        raise Conflict(f"Volume type {id} cannot be deleted: volumes are of this type.") from error


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


def disallow(tx: Connection, id: str, project_id: str) -> None:
    """Take a private type from a project; `NotFound` if it may not use it."""
    mine = (volume_type_projects.c.volume_type_id == id) & (volume_type_projects.c.project_id == project_id)
    if not tx.execute(delete(volume_type_projects).where(mine)).rowcount:
        raise NotFound("Access to volume type", f"{id} of project {project_id}")
