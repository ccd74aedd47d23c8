"""The duty that forgets the past, after some days: operations that have finished, history, decisions, messages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Column, Connection, delete, select

from lapilli.db.clock import now_text
from lapilli.db.engine import Database
from lapilli.db.schema import decisions, history, messages, operations
from lapilli.model.options import option
from lapilli.work.duties import Duty

_HISTORY: Final = (operations.c.finished_at, history.c.at, decisions.c.at)
_BATCH: Final = 500  # rows per transaction: writers are held up for milliseconds only
_EVERY_S: Final = 3600.0


@dataclass(frozen=True)
class PruneSettings:
    """How long the past is kept."""

    keep_history_days: int = option(90, low=1, help="Days after which finished operations and history are deleted.")
    message_ttl: int = option(2_592_000, low=1, help="Seconds after which messages to users are deleted.")


def prune_duty(db: Database, settings: PruneSettings) -> Duty:
    """The duty, to be run by one process or by many."""
    return Duty("prune", _EVERY_S, partial(prune, db, settings))


def prune(db: Database, settings: PruneSettings) -> None:
    """Delete what is older, the oldest first, in small transactions."""
    ages = {column: timedelta(days=settings.keep_history_days) for column in _HISTORY}
    ages[messages.c.created_at] = timedelta(seconds=settings.message_ttl)
    with db.read() as tx:
        now = datetime.fromisoformat(tx.execute(select(now_text())).scalar_one())
    for dated, age in ages.items():
        until = (now - age).isoformat(timespec="microseconds")
        while db.write(partial(_delete_some, dated=dated, until=until)):
            pass


def _delete_some(tx: Connection, dated: Column[str], until: str) -> int:
    """Delete a batch; returns how many rows there were. What has no date is not over."""
    table = dated.table
    old = select(table.c.id).where(dated < until).order_by(dated).limit(_BATCH)
    ids = tx.execute(old).scalars().all()
    return tx.execute(delete(table).where(table.c.id.in_(ids))).rowcount if ids else 0
