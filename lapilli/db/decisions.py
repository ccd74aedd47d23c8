"""The scheduler's decisions, kept so that each placement can be explained."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow
from lapilli.db.schema import decisions

_ADDING: Final = insert(decisions).values(at=now_text())


def add(tx: Connection, operation: str, resource: str, chosen: str | None, explanation: Mapping[str, Any]) -> None:
    """Keep a decision; `chosen` is None when no pool fitted."""
    row = {"operation": operation, "resource": resource, "chosen": chosen, "explanation": dict(explanation)}
    tx.execute(_ADDING, row)


def of_resource(tx: Connection, resource: str) -> Sequence[AnyRow]:
    """The decisions about a volume, the oldest first."""
    return tx.execute(select(decisions).where(decisions.c.resource == resource).order_by(decisions.c.id)).all()
