"""The duty that forgets the past: operations that have finished, history and decisions, after some days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Column, Connection, delete, select

from lapilli.db.clock import now_text
from lapilli.db.engine import Database
from lapilli.db.schema import decisions, history, operations
from lapilli.model.options import option
from lapilli.work.duties import Duty

_DATED: Final = (operations.c.finished_at, history.c.at, decisions.c.at)
_BATCH: Final = 500  # rows per transaction: writers are held up for milliseconds only
_EVERY_S: Final = 3600.0


@dataclass(frozen=True)
class PruneSettings:
    """How long the past is kept."""

    keep_history_days: int = option(90, low=1, help="Days after which finished operations and history are deleted.")


def prune_duty(db: Database, settings: PruneSettings) -> Duty:
    """The duty, to be run by one process or by many."""
    return Duty("prune", _EVERY_S, partial(prune, db, settings.keep_history_days))


def prune(db: Database, keep_days: int) -> None:
    """Delete what is older, the oldest first, in small transactions."""
    with db.read() as tx:
        now = datetime.fromisoformat(tx.execute(select(now_text())).scalar_one())
    until = (now - timedelta(days=keep_days)).isoformat(timespec="microseconds")
    for dated in _DATED:
        while db.write(partial(_delete_some, dated=dated, until=until)):
            pass


def _delete_some(tx: Connection, dated: Column[str], until: str) -> int:
    """Delete a batch; returns how many rows there were. What has no date is not over."""
    table = dated.table
    old = select(table.c.id).where(dated < until).order_by(dated).limit(_BATCH)
    ids = tx.execute(old).scalars().all()
    return tx.execute(delete(table).where(table.c.id.in_(ids))).rowcount if ids else 0
