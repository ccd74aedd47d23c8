"""Bring a database to the tables of this release.

There is no way back: a downgrade would drop what the newer tables know, so whoever needs one restores a copy of the
database. Asking where a database stands costs two questions and no Alembic, for every process does it at its start.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, column, func, inspect, select, table

from lapilli.db.engine import Database, translated
from lapilli.model.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

_PLACE: Final = Path(__file__).parent / "migrations"
_VERSION: Final = table("alembic_version", column("version_num"))
_LOCK: Final = 0x6C6170696C6C69  # PostgreSQL numbers its locks; this one reads "lapilli"
_WAIT_S: Final = 600


def head() -> str:
    """The revision of this release."""
    return revisions()[-1]


def revisions() -> list[str]:
    """All revisions that this release knows, the oldest first."""
    return sorted(path.stem for path in (_PLACE / "versions").glob("[0-9]*.py"))


def is_current(db: Database) -> bool:
    """Whether the database has the tables of this release. `Unavailable` when it does not answer."""
    with db.read() as tx:
        return _revision(tx) == head()


def current(url: str) -> str | None:
    """The revision of a database, or None when nobody has upgraded it yet. `Unavailable` when it does not answer."""
    with closing(Database(url)) as db, db.read() as tx:
        return _revision(tx)


def upgrade(url: str) -> None:
    """Bring the database to `head`; if it is there, do nothing. Of several processes that ask at once one does it.

    Raises `Conflict` when a newer release (or another program) has written the database, and `Unavailable` when it
    does not answer.
    """
    from alembic import command  # noqa: PLC0415 - most starts find the database current, and need no Alembic

    with closing(Database(url)) as db, translated(), db.engine.begin() as connection, _alone(connection):
        found = _revision(connection)
        if found is not None and found not in revisions():
            raise Conflict(f"The database is at revision {found}, which this release does not know.")
        command.upgrade(settings(connection), "head")


def settings(connection: Connection, **options: Any) -> "Config":
    """Alembic's settings; `options` are those of its `context.configure`."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection, **options})
    config.set_main_option("script_location", str(_PLACE).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s")
    return config


def _revision(tx: Connection) -> str | None:
    # Looked up, not tried: in PostgreSQL a question about a missing table would end the transaction.
    if not inspect(tx).has_table(_VERSION.name):
        return None
    return tx.execute(select(_VERSION)).scalar()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Let no other process migrate this database meanwhile. SQLite's transaction has seen to that when it began."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        yield
        return
    if connection.dialect.name == "sqlite":
        yield
        return
    name = func.sha1(func.concat("lapilli", func.database()))
    if not connection.scalar(select(func.get_lock(name, _WAIT_S))):
        raise Unavailable(f"Another process has been migrating this database for {_WAIT_S} s.")
    try:
        yield
    finally:
        connection.execute(select(func.release_lock(name)))
