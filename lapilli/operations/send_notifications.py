"""The duty that sends what other services are to be told."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from lapilli.db import notifications
from lapilli.db.engine import Database
from lapilli.db.rows import AnyRow
from lapilli.model.protocols.neighbours import Notifier

_log = logging.getLogger(__name__)
_BATCH: Final = 100


class LogNotifier:
    """Writes notifications to the log: the driver `log`."""

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        for message in messages:
            _log.info("%s from %s: %s", message["event_type"], message["publisher_id"], message["payload"])


def send(db: Database, notifiers: Sequence[Notifier]) -> None:
    """Send what is due. What could not be sent stays, and the error is the caller's."""
    while rows := db.write(partial(notifications.claim, most=_BATCH)):
        messages = [_message(row) for row in rows]
        for notifier in notifiers:
            notifier.send(messages)
        db.write(partial(notifications.forget, ids=[row.id for row in rows]))


def _message(row: AnyRow) -> dict[str, Any]:
    return {
        "message_id": row.message_id,
        "publisher_id": row.publisher_id,
        "event_type": row.event_type,
        "priority": row.priority,
        "payload": row.payload,
        "timestamp": row.created_at.replace("T", " "),
    }
