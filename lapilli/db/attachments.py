"""Questions about attachments and the exports behind them. `scope` is as in `db.volumes`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.listing import Page
from lapilli.db.moves import Mover
from lapilli.db.prepared import write
from lapilli.db.rows import AnyRow, every, first
from lapilli.db.schema import attachments, exports, history, volumes
from lapilli.db.scoped import Scoped
from lapilli.model.states import ATTACHMENT, GONE
from lapilli.model.values import Connector

_mover = Mover(attachments, ATTACHMENT)
move = _mover.move

COLUMNS = tuple(attachments.c)

_scoped = Scoped(attachments, COLUMNS, "Volume attachment")
find, get = _scoped.find, _scoped.get

_CONNECTED = attachments.c.connector.is_not(None) & (attachments.c.status != "detaching")
_IS_OF_VOLUME = attachments.c.volume_id == bindparam("of")
_IS_OTHER = _IS_OF_VOLUME & (attachments.c.id != bindparam("without"))
_OF_VOLUME = select(*COLUMNS).where(_IS_OF_VOLUME).order_by(attachments.c.created_at, attachments.c.id)
_OTHER_CONNECTED = select(exists().where(_IS_OTHER, attachments.c.connector.is_not(None)))
_OTHER_CONNECTORS = select(attachments.c.connector).where(_IS_OTHER, _CONNECTED)
_CHANGING = update(attachments).where(attachments.c.id == bindparam("which")).values(updated_at=now_text())
_EXPORT = select(exports).where(exports.c.volume_id == bindparam("of"))
_HAS_GONE = select(
    exists().where(
        history.c.resource == bindparam("which"),
        history.c.kind == "attachment",
        history.c.status == GONE,
        history.c.detail == bindparam("of"),
    )
)
_DELETING_EXPORT = delete(exports).where(exports.c.volume_id == bindparam("of"))


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The attachments of a page, with the columns of `get`."""
    return listing.rows_of(tx, attachments, COLUMNS, page, "Volume attachment")


def of_volume(tx: Connection, volume_id: str) -> Sequence[AnyRow]:
    """All attachments of a volume, the oldest first."""
    return every(tx.execute(_OF_VOLUME, {"of": volume_id}))


def attached_to(tx: Connection, volume_ids: Sequence[str]) -> dict[str, list[AnyRow]]:
    """The attachments in status `attached` of each volume that has one."""
    found: dict[str, list[AnyRow]] = {}
    if volume_ids:
        wanted = attachments.c.volume_id.in_(volume_ids) & (attachments.c.status == "attached")
        order = (attachments.c.created_at, attachments.c.id)
        for row in tx.execute(select(*COLUMNS).where(wanted).order_by(*order)):
            found.setdefault(row.volume_id, []).append(row)
    return found


def has_other_connected(tx: Connection, volume_id: str, id: str) -> bool:
    """Whether another attachment of the volume has been given a connector."""
    return bool(tx.execute(_OTHER_CONNECTED, {"of": volume_id, "without": id}).scalar())


def other_connectors(tx: Connection, volume_id: str, without: str) -> Sequence[Connector]:
    """The connectors of the volume's other connected attachments, except those that are being detached too."""
    return tx.execute(_OTHER_CONNECTORS, {"of": volume_id, "without": without}).scalars().all()


def add(tx: Connection, **values: Any) -> None:
    """Insert an attachment in status `reserved`."""
    _mover.add(tx, "reserve", **values)


def change(tx: Connection, id: str, **values: Any) -> None:
    """Write columns other than the status."""
    write(tx, _CHANGING, {"which": id}, values)


def ensure_export(tx: Connection, volume_id: str, username: str, password: str) -> None:
    """Give the volume an export with these credentials, unless it has one."""
    if find_export(tx, volume_id) is None:
        try:
            with tx.begin_nested():
                tx.execute(insert(exports).values(volume_id=volume_id, username=username, password=password))
        except IntegrityError:
            return  # another attachment of the volume was a moment faster


def find_export(tx: Connection, volume_id: str) -> AnyRow | None:
    """The volume's export, or None."""
    return first(tx.execute(_EXPORT, {"of": volume_id}))


def delete_export(tx: Connection, volume_id: str) -> None:
    """Forget the volume's export; its number is not used again."""
    tx.execute(_DELETING_EXPORT, {"of": volume_id})


def exported_by(tx: Connection, service: str, volume_id: str | None = None) -> Sequence[AnyRow]:
    """The attachments that are to stay connected, of a volume service (`host@backend`), each with its export.

    Those of a volume that is being deleted go with it. `volume_id` narrows to those of one volume.
    """
    question = (
        select(
            attachments.c.id,
            attachments.c.connector,
            attachments.c.attached_at,
            exports.c.number,
            exports.c.username,
            exports.c.password,
            volumes.c.id.label("volume_id"),
            volumes.c.size_gib,
        )
        .join(volumes, volumes.c.id == attachments.c.volume_id)
        .join(exports, exports.c.volume_id == volumes.c.id)
        .where(volumes.c.host.startswith(f"{service}#", autoescape=True), _CONNECTED)
        .where(volumes.c.status != "deleting")
    )
    if volume_id is not None:
        question = question.where(volumes.c.id == volume_id)
    return tx.execute(question.order_by(exports.c.number)).all()


def end(tx: Connection, id: str, volume_id: str) -> None:
    """Delete the row of an attachment that is detached from its volume; the history keeps which that was."""
    move(tx, id, "detached", detail=volume_id)


def has_gone(tx: Connection, id: str | None, volume_id: str) -> bool:
    """Whether the volume had such an attachment, as far back as the history goes, and it was detached."""
    return bool(tx.execute(_HAS_GONE, {"which": id, "of": volume_id}).scalar())


def forget(tx: Connection, id: str) -> None:
    """Delete the row of an attachment whose volume goes with it."""
    tx.execute(delete(attachments).where(attachments.c.id == id))
