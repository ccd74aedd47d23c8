"""What other services are told: rows, written in the transaction of the change they tell of, and sent afterwards.

So none is lost and none is invented; one whose sender died before it could note that it was sent is sent twice, with
the same `message_id`.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from lapilli.db.clock import now_s, now_text
from lapilli.db.rows import AnyRow, every, first
from lapilli.db.schema import attachments, backups, group_snapshots, groups, notifications, snapshots, volumes
from lapilli.model.notifications import EVENT_TYPES
from lapilli.model.values import Location

ANNOUNCES: Final = "announces"
"""The execution option of a database whose changes are told: the node's name. Where nobody listens, it is empty."""
_CLAIM_S: Final = 60.0

_ADDING: Final = insert(notifications).values(created_at=now_text(), due_at=now_s())
_DUE: Final = (
    select(notifications)
    .where(notifications.c.due_at <= now_s())
    .order_by(notifications.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ATTACHED: Final = select(attachments).where(attachments.c.volume_id == bindparam("of"))

Payload = Callable[[Connection, AnyRow], dict[str, Any]]


def announce(
    tx: Connection, event_type: str, service: str, payload: Mapping[str, Any], host: str | None = None
) -> None:
    """Tell of something under this name, if anybody is told at all.

    The publisher is `service.host`; without a host it is this node.
    """
    node = tx.get_execution_options().get(ANNOUNCES)
    if node:
        row = {"message_id": str(uuid.uuid4()), "event_type": event_type, "publisher_id": f"{service}.{host or node}"}
        tx.execute(_ADDING, {**row, "priority": "INFO", "payload": dict(payload)})


def tell(tx: Connection, kind: str, id: str, event: str) -> None:
    """Tell of an event of the state table of this kind, with the row as it is now."""
    describe(tx, kind, id, *EVENT_TYPES.get((kind, event), ()))


def describe(tx: Connection, kind: str, id: str, *event_types: str) -> None:
    """Tell of a resource under these names; an attachment is told of as its volume."""
    if not event_types or not tx.get_execution_options().get(ANNOUNCES):
        return
    table, payload = _TOLD_AS[kind]
    row = first(tx.execute(select(*table.c).where(table.c.id == id)))
    if row is None:
        return
    if kind == "attachment":
        describe(tx, "volume", row.volume_id, *event_types)
        return
    place = getattr(row, "host", None)
    host = Location.parse(place).service if place else None
    told = payload(tx, row)
    for event_type in event_types:
        announce(tx, event_type, kind.replace(" ", "_"), told, host)


def claim(tx: Connection, most: int) -> Sequence[AnyRow]:
    """Up to `most` notifications to be sent now, the oldest first; they are ours for a minute."""
    rows = every(tx.execute(_DUE, {"most": most}))
    ours = notifications.c.id.in_([row.id for row in rows])
    tx.execute(update(notifications).where(ours).values(due_at=now_s() + _CLAIM_S))
    return rows


def forget(tx: Connection, ids: Sequence[int]) -> None:
    """Delete what has been sent."""
    tx.execute(delete(notifications).where(notifications.c.id.in_(ids)))


def _owner(row: AnyRow) -> dict[str, Any]:
    return {"tenant_id": row.project_id, "user_id": row.user_id, "created_at": _zoned(row.created_at)}


def _zoned(time: str | None) -> str | None:
    return f"{time}+00:00" if time else None


def _volume(tx: Connection, row: AnyRow) -> dict[str, Any]:
    return {
        **_owner(row),
        "host": row.host,
        "availability_zone": row.availability_zone,
        "volume_id": row.id,
        "volume_type": row.volume_type_id,
        "display_name": row.name,
        "launched_at": _zoned(row.launched_at),
        "status": row.status,
        "snapshot_id": row.snapshot_id,
        "size": row.size_gib,
        "replication_status": row.replication_status,
        "replication_extended_status": None,
        "replication_driver_data": None,
        "metadata": [{"volume_id": row.id, "key": key, "value": row.metadata[key]} for key in row.metadata],
        "volume_attachment": [_attachment(each) for each in tx.execute(_ATTACHED, {"of": row.id})],
        "glance_metadata": [{"key": key, "value": row.image_metadata[key]} for key in row.image_metadata],
    }


def _attachment(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "volume_id": row.volume_id,
        "instance_uuid": row.instance_id,
        "attached_host": row.host_name,
        "mountpoint": row.mountpoint,
        "attach_status": row.status,
        "attach_mode": row.attach_mode,
        "attach_time": _zoned(row.attached_at),
    }


def _snapshot(tx: Connection, row: AnyRow) -> dict[str, Any]:
    zone = tx.execute(select(volumes.c.availability_zone).where(volumes.c.id == row.volume_id)).scalar()
    return {
        **_owner(row),
        "availability_zone": zone,
        "volume_id": row.volume_id,
        "volume_size": row.size_gib,
        "snapshot_id": row.id,
        "display_name": row.name,
        "status": row.status,
        "deleted": "",
        "metadata": str(row.metadata),
    }


def _backup(tx: Connection, row: AnyRow) -> dict[str, Any]:
    children = select(func.count()).where(backups.c.parent_id == row.id)
    return {
        **_owner(row),
        "availability_zone": row.availability_zone,
        "backup_id": row.id,
        "host": row.host,
        "display_name": row.name,
        "status": row.status,
        "volume_id": row.volume_id,
        "size": row.size_gib,
        "service_metadata": row.service_metadata,
        "service": row.service,
        "fail_reason": row.fail_reason,
        "parent_id": row.parent_id,
        "num_dependent_backups": tx.execute(children).scalar_one(),
        "snapshot_id": row.snapshot_id,
    }


def _group(_tx: Connection, row: AnyRow) -> dict[str, Any]:
    return {
        **_owner(row),
        "availability_zone": row.availability_zone,
        "group_id": row.id,
        "group_type": row.group_type_id,
        "name": row.name,
        "status": row.status,
    }


def _group_snapshot(_tx: Connection, row: AnyRow) -> dict[str, Any]:
    return {
        **_owner(row),
        "group_snapshot_id": row.id,
        "name": row.name,
        "group_id": row.group_id,
        "group_type": row.group_type_id,
        "status": row.status,
    }


_TOLD_AS: Final[Mapping[str, tuple[Table, Payload]]] = {
    "volume": (volumes, _volume),
    "attachment": (attachments, _volume),
    "snapshot": (snapshots, _snapshot),
    "backup": (backups, _backup),
    "group": (groups, _group),
    "group snapshot": (group_snapshots, _group_snapshot),
}
