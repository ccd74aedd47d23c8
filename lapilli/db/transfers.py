"""Questions about volumes that are offered to other projects. `scope` is as in `db.volumes`: the project that gives."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert

from lapilli.db import listing
from lapilli.db.clock import now_text
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import transfers
from lapilli.db.scoped import Scoped

COLUMNS = tuple(column for column in transfers.c if not column.computed)

_scoped = Scoped(transfers, COLUMNS, "Transfer")
get, lock = _scoped.get, _scoped.lock


def list_page(tx: Connection, page: Page) -> Sequence[AnyRow]:
    """The offers of a page, with the columns of `get`."""
    return listing.rows_of(tx, transfers, COLUMNS, page, "Transfer")


def add(tx: Connection, **values: Any) -> None:
    """Insert an offer. An older one of the same volume, which nobody can accept any more, is gone."""
    tx.execute(delete(transfers).where(transfers.c.volume_id == values["volume_id"]))
    tx.execute(insert(transfers).values(created_at=now_text(), **values))


def forget(tx: Connection, id: str) -> None:
    """Delete an offer."""
    tx.execute(delete(transfers).where(transfers.c.id == id))
