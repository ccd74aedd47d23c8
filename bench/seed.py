"""A table full of volumes, written without the API."""

import uuid
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select, text

from bench.client import PROJECT
from bench.deployments import POOL, Deployment
from lapilli.db.engine import Database
from lapilli.db.schema import attachments, snapshots, volume_metadata, volume_types, volumes

_BATCH: Final = 5000
_FIRST: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - the tables' times are UTC without saying so
_TIERS: Final = ("gold", "silver", "bronze")


def volume_name(number: int) -> str:
    """The name of a seeded volume."""
    return f"vol-{number:06d}"


def volume_id(number: int) -> str:
    """The id of a seeded volume: as scattered as real ones, and the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, volume_name(number)))


def add_volumes(place: Deployment, count: int) -> None:
    """Available volumes of one project and backend, with metadata `idx` (of 1,000 values) and `tier` (of three)."""
    with closing(Database(place.database)) as db:
        with db.read() as tx:
            type_id = tx.execute(select(volume_types.c.id).limit(1)).scalar_one()
        for start in range(0, count, _BATCH):
            rows = [_volume(number, type_id) for number in range(start, min(start + _BATCH, count))]
            db.write(lambda tx, rows=rows: _insert(tx, rows))  # type: ignore[misc]
        if db.engine.dialect.name == "postgresql":
            # The statistics that a table which has grown over months would have.
            db.write(lambda tx: tx.execute(text("ANALYZE")))


def add_snapshots(place: Deployment, count: int) -> None:
    """One snapshot of each of the first volumes."""
    _add(place, snapshots, [_snapshot(number) for number in range(count)])


def add_attachments(place: Deployment, count: int) -> None:
    """One attachment of each of the first volumes, with what a host needs to log in."""
    _add(place, attachments, [_attachment(number) for number in range(count)])


def add_types(place: Deployment, count: int) -> None:
    """Public types with three extra specs each."""
    _add(place, volume_types, [_type(number) for number in range(count)])


def _add(place: Deployment, table: Table, rows: list[dict[str, Any]]) -> None:
    with closing(Database(place.database)) as db:
        if table is snapshots:
            with db.read() as tx:
                type_id = tx.execute(select(volumes.c.volume_type_id).limit(1)).scalar_one()
            rows = [{**row, "volume_type_id": type_id} for row in rows]
        db.write(lambda tx: tx.execute(insert(table), rows))


def _snapshot(number: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"snap-{number}")),
        "project_id": PROJECT,
        "user_id": "admin",
        "volume_id": volume_id(number),
        "name": f"snap-{number:06d}",
        "size_gib": 1,
        "status": "available",
        "progress": "100%",
        "metadata": {"idx": str(number)},
        "created_at": _at(number),
    }


def _attachment(number: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"attachment-{number}")),
        "volume_id": volume_id(number),
        "project_id": PROJECT,
        "instance_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"server-{number}")),
        "status": "attached",
        "attach_mode": "rw",
        "connector": {"initiator": f"iqn.1993-08.org.debian:{number}", "host": "compute"},
        "connection_info": {"driver_volume_type": "iscsi", "target_portal": "10.0.0.1:3260", "target_lun": 1},
        "attached_at": _at(number),
        "created_at": _at(number),
    }


def _type(number: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"type-{number}")),
        "name": f"type-{number:06d}",
        "extra_specs": {"volume_backend_name": "a", "multiattach": "<is> True", "provisioning:type": "thin"},
        "created_at": _at(number),
    }


def _at(number: int) -> str:
    return (_FIRST + timedelta(seconds=number)).isoformat(timespec="microseconds")


def _insert(tx: Connection, rows: list[dict[str, Any]]) -> None:
    tx.execute(insert(volumes), rows)
    pairs = [
        {"volume_id": row["id"], "key": key, "value": value} for row in rows for key, value in row["metadata"].items()
    ]
    tx.execute(insert(volume_metadata), pairs)


def _volume(number: int, type_id: str) -> dict[str, Any]:
    at = _at(number)
    return {
        "id": volume_id(number),
        "project_id": PROJECT,
        "user_id": "admin",
        "name": volume_name(number),
        "size_gib": 1 + number % 100,
        "charged_gib": 1 + number % 100,
        "status": "available",
        "volume_type_id": type_id,
        "availability_zone": "nova",
        "host": POOL,
        "metadata": {"idx": str(number % 1000), "tier": _TIERS[number % 3]},
        "created_at": at,
        "updated_at": at,
    }
