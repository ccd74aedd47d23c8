"""Questions about volumes, and what may be written to their rows.

`scope` is the project whose volumes can be seen, or None for those of all projects; no question is without it that a
tenant's request could reach.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.group_types import OF_CONSISTENCY_GROUPS
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.prepared import write
from lapilli.db.rows import AnyRow, every
from lapilli.db.schema import attachments, group_types, groups, snapshots, volume_metadata, volume_types, volumes
from lapilli.db.scoped import Scoped
from lapilli.model.states import MIGRATING, MIGRATION_EVENTS, VOLUME, volume_status_after

_AT_REST = volumes.c.migration_status.is_(None) | volumes.c.migration_status.not_in(MIGRATING)
_mover = Mover(volumes, VOLUME, at_rest=_AT_REST, despite=MIGRATION_EVENTS)
move = _mover.move
set_status = _mover.set

# The type's name comes by a subquery: a join could tempt a planner to leave the index that a list is sorted by.
_TYPE_NAME = select(volume_types.c.name).where(volume_types.c.id == volumes.c.volume_type_id).scalar_subquery()
# Volumes of legacy consistency groups show their group under its old name, too.
_LEGACY_GROUP = (
    select(groups.c.id)
    .join(group_types, group_types.c.id == groups.c.group_type_id)
    .where(groups.c.id == volumes.c.group_id, group_types.c.name == OF_CONSISTENCY_GROUPS)
    .scalar_subquery()
)
COLUMNS = (
    *(column for column in volumes.c if not column.computed),
    _TYPE_NAME.label("volume_type"),
    case((volumes.c.group_id.is_not(None), _LEGACY_GROUP)).label("consistencygroup_id"),
)

_scoped = Scoped(volumes, COLUMNS, "Volume")
find, get, lock = _scoped.find, _scoped.get, _scoped.lock

# What may be attached or detached meanwhile. The operation gives the volume its status when it ends.
_IN_WORK = frozenset({"extending", "uploading", "downloading", "backing-up"})
_CHANGING = update(volumes).where(volumes.c.id == bindparam("which")).values(updated_at=now_text())
_ATTACHMENTS = select(attachments.c.status).where(attachments.c.volume_id == bindparam("of"))


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The volumes of a page, with the columns of `get`."""
    return listing.rows_of(tx, volumes, COLUMNS, page, "Volume")


def count(tx: Connection, page: Page) -> int:
    """How many volumes the page's filters leave."""
    return listing.count_of(tx, volumes, page)


def summary(tx: Connection, page: Page) -> tuple[int, int]:
    """How many volumes there are, and their sizes together in GiB."""
    mine = [] if page.project_id is None else [volumes.c.project_id == page.project_id]
    totals = select(func.count(), func.coalesce(func.sum(volumes.c.size_gib), 0)).where(*mine, *page.conditions)
    number, size_gib = tx.execute(totals).one()
    return number, int(size_gib)


def metadata_values(tx: Connection, scope: str | None) -> Sequence[AnyRow]:
    """Every distinct (key, value) of the metadata of all volumes of the scope."""
    pairs = select(volume_metadata.c.key, volume_metadata.c.value).join(volumes).distinct()
    if scope is not None:
        pairs = pairs.where(volumes.c.project_id == scope)
    return tx.execute(pairs.order_by(volume_metadata.c.key, volume_metadata.c.value)).all()


def has_metadata(key: str, value: str) -> ColumnElement[bool]:
    """The condition that a volume carries this pair."""
    pair = (volume_metadata.c.key == key) & (volume_metadata.c.value == value)
    return volumes.c.id.in_(select(volume_metadata.c.volume_id).where(pair))


def has_image_metadata(key: str, value: str) -> ColumnElement[bool]:
    """The condition that the volume's image has this property.

    What is looked for is a piece of JSON that no other property can contain, for its quotes would be escaped there.
    """
    text = type_coerce(volumes.c.image_metadata, Text)
    piece = msgspec.json.encode({key: value}).decode()[1:-1]
    # Unlike LIKE, replace() tells capitals from small letters on every database.
    return func.replace(text, piece, "") != text


def of_service(tx: Connection, service: str) -> Sequence[AnyRow]:
    """All volumes on a volume service, `host@backend`."""
    on_it = volumes.c.host.startswith(f"{service}#", autoescape=True)
    return every(tx.execute(select(*COLUMNS).where(on_it)))


def add(tx: Connection, event: str = "create", **values: Any) -> None:
    """Insert a volume in the status that the event leads to."""
    _mover.add(tx, event, **values)
    _write_metadata(tx, values["id"], values.get("metadata", {}))


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns other than the status."""
    write(tx, _CHANGING, {"which": id}, values)
    if "metadata" in values:
        tx.execute(delete(volume_metadata).where(volume_metadata.c.volume_id == id))
        _write_metadata(tx, id, values["metadata"])


def _write_metadata(tx: Connection, id: str, metadata: Mapping[str, str]) -> None:
    if metadata:
        rows = [{"volume_id": id, "key": key, "value": value} for key, value in metadata.items()]
        tx.execute(insert(volume_metadata), rows)


def usage_on(tx: Connection, host: str) -> list[tuple[str, int, int, int, int]]:
    """What each project has on a host or backend: its id, volumes, their GiB, snapshots, their GiB."""
    here = or_(*(volumes.c.host.startswith(f"{host}{mark}", autoescape=True) for mark in "@#"))
    mine = select(volumes.c.project_id, func.count(), func.coalesce(func.sum(volumes.c.size_gib), 0))
    held = (
        select(snapshots.c.project_id, func.count(), func.coalesce(func.sum(snapshots.c.size_gib), 0))
        .join(volumes, volumes.c.id == snapshots.c.volume_id)
        .where(here)
        .group_by(snapshots.c.project_id)
    )
    by_project: dict[str, list[int]] = {}
    for first, question in ((0, mine.where(here).group_by(volumes.c.project_id)), (2, held)):
        for project, count, size_gib in tx.execute(question):
            by_project.setdefault(project, [0, 0, 0, 0])[first : first + 2] = count, int(size_gib)
    return [(project, a, b, c, d) for project, (a, b, c, d) in sorted(by_project.items())]


def has_snapshots(tx: Connection, id: str) -> bool:
    """Whether a snapshot of the volume exists, in any status."""
    return bool(tx.execute(select(exists().where(snapshots.c.volume_id == id))).scalar())


def follow_attachments(tx: Connection, id: str) -> str:
    """Give the volume the status that follows from its attachments, and return it; one in work, when that is done."""
    is_in_work = lock(tx, id, None).status in _IN_WORK
    rows = tx.execute(_ATTACHMENTS, {"of": id}).scalars().all()
    status, attach_status = volume_status_after(list(rows))
    if is_in_work:
        change(tx, id, attach_status=attach_status)
    else:
        move(tx, id, "attachments_changed", to=status, attach_status=attach_status)
    return status
