"""What other services are told is written with the change it tells of."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, select

from lapilli.db import notifications, volumes
from lapilli.db.engine import Database
from lapilli.db.rows import AnyRow
from lapilli.db.schema import notifications as table
from lapilli.db.schema import volume_types
from lapilli.model.errors import Conflict, Unavailable
from lapilli.operations.send_notifications import send

_ID = "11111111-0000-4000-8000-000000000001"


@pytest.fixture
def told(db: Database) -> Iterator[Database]:
    """The database as a process opens it that tells others."""
    with closing(Database(db.url.render_as_string(hide_password=False), announces="node")) as opened:
        yield opened


def add(tx: Connection) -> None:
    """A volume with metadata."""
    kind = tx.execute(select(volume_types.c.id)).scalars().first()
    volumes.add(
        tx,
        id=_ID,
        project_id="p",
        user_id="u",
        name="v",
        size_gib=2,
        charged_gib=2,
        volume_type_id=kind,
        metadata={"a": "b"},
        host="node@files#files",
    )


def rows(db: Database) -> Sequence[AnyRow]:
    """What waits to be sent."""
    with db.read() as tx:
        return tx.execute(select(table).order_by(table.c.id)).all()


class Listener:
    """Takes messages, or has none of them."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.heard: list[Any] = []
        self._is_away = is_away

    def send(self, messages: Sequence[Any]) -> None:
        self.heard.extend(messages)
        if self._is_away:
            raise Unavailable("nobody there")


def test_each_event_is_told(told: Database) -> None:
    """With Cinder's names, in order, with the status of its time; a deletion with the row that goes."""
    told.write(add)
    told.write(lambda tx: volumes.move(tx, _ID, "provisioned"))
    told.write(lambda tx: volumes.move(tx, _ID, "delete"))
    told.write(lambda tx: volumes.move(tx, _ID, "deleted"))
    found = rows(told)
    assert [(row.event_type, row.payload["status"]) for row in found] == [
        ("volume.create.start", "creating"),
        ("volume.create.end", "available"),
        ("volume.delete.start", "deleting"),
        ("volume.delete.end", "deleting"),
    ]
    assert {row.publisher_id for row in found} == {"volume.node@files"}
    payload = found[1].payload
    assert (payload["volume_id"], payload["tenant_id"], payload["size"]) == (_ID, "p", 2)
    assert payload["metadata"] == [{"volume_id": _ID, "key": "a", "value": "b"}]
    assert payload["created_at"].endswith("+00:00")


def test_a_status_set_by_hand_is_told(told: Database) -> None:
    """As the start and the end of a reset."""
    told.write(add)
    told.write(lambda tx: volumes.set_status(tx, _ID, "error"))
    assert [row.event_type for row in rows(told)][1:] == ["volume.reset_status.start", "volume.reset_status.end"]


def test_what_did_not_happen_is_not_told(told: Database) -> None:
    """A change that is refused takes its notification with it."""
    told.write(add)

    def refused(tx: Connection) -> None:
        volumes.move(tx, _ID, "provisioned")
        volumes.move(tx, _ID, "provisioned")

    with pytest.raises(Conflict):
        told.write(refused)
    assert [row.event_type for row in rows(told)] == ["volume.create.start"]


def test_nothing_is_written_where_nobody_listens(db: Database) -> None:
    """Without a driver the table stays empty."""
    db.write(add)
    assert rows(db) == []


def test_all_is_sent_in_order(told: Database) -> None:
    """And what is sent is forgotten."""
    told.write(add)
    told.write(lambda tx: volumes.move(tx, _ID, "provisioned"))
    listener = Listener()
    send(told, [listener])
    assert [message["event_type"] for message in listener.heard] == ["volume.create.start", "volume.create.end"]
    assert rows(told) == []


def test_what_cannot_be_sent_stays(told: Database) -> None:
    """It is sent again with the same id, but not while another sender may have it."""
    told.write(add)
    with pytest.raises(Unavailable):
        send(told, [Listener(is_away=True)])
    listener = Listener()
    send(told, [listener])
    assert listener.heard == []
    (waiting,) = rows(told)
    told.write(lambda tx: tx.execute(table.update().values(due_at=0)))
    send(told, [listener])
    assert [message["message_id"] for message in listener.heard] == [waiting.message_id]


def test_two_senders_share(told: Database) -> None:
    """What one has claimed, the other does not get."""
    told.write(add)
    assert len(told.write(lambda tx: notifications.claim(tx, 10))) == 1
    assert told.write(lambda tx: notifications.claim(tx, 10)) == []
