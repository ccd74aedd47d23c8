"""Questions about the types that projects have by default."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db.rows import AnyRow
from lapilli.db.schema import default_types

_OF_PROJECT: Final = select(default_types.c.volume_type_id).where(default_types.c.project_id == bindparam("project"))


def find(tx: Connection, project_id: str) -> str | None:
    """The id of the project's default type, or None."""
    return tx.execute(_OF_PROJECT, {"project": project_id}).scalar()


def list_all(tx: Connection) -> Sequence[AnyRow]:
    """Every project that has a default type of its own, with its `volume_type_id`."""
    return tx.execute(select(default_types).order_by(default_types.c.project_id)).all()


def projects_of(tx: Connection, type_id: str) -> Sequence[str]:
    """The projects whose default the type is."""
    mine = select(default_types.c.project_id).where(default_types.c.volume_type_id == type_id)
    return tx.execute(mine.order_by(default_types.c.project_id)).scalars().all()


def set_for(tx: Connection, project_id: str, type_id: str) -> None:
    """Give the project this default type, in place of the one that it may have."""
    changing = update(default_types).where(default_types.c.project_id == project_id).values(volume_type_id=type_id)
    if tx.execute(changing).rowcount:
        return
    try:
        with tx.begin_nested():
            tx.execute(insert(default_types).values(project_id=project_id, volume_type_id=type_id))
    except IntegrityError:
        tx.execute(changing)  # another request was a moment faster


def unset(tx: Connection, project_id: str) -> None:
    """The project has no default type of its own. If it has none, do nothing."""
    tx.execute(delete(default_types).where(default_types.c.project_id == project_id))
