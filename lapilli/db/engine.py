"""Open a database, read from it, and write to it in transactions that may be run again."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from lapilli.model.errors import Unavailable

T = TypeVar("T")

_RUNS_PER_WRITE = 10
# MariaDB: lock wait timeout, deadlock, record changed (Galera); PostgreSQL: serialization failure, deadlock.
_TRANSIENT_MARIADB = {1205, 1213, 1020}
_TRANSIENT_POSTGRESQL = {"40001", "40P01"}


class Database:
    """A database that several threads and processes share.

    Reads run in autocommit, one statement each. Writes run in one transaction each, from the beginning again when
    the database asks for it (a deadlock), so the work of a write must do nothing but speak to its connection.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 20,
        max_overflow: int = -1,
        recycle_s: int = 3600,
        announces: str = "",
    ) -> None:
        """`pool_size` connections for each of the two stay open, and `max_overflow` more are made when needed.

        A connection is replaced after `recycle_s`; -1 is without limit for both. With `announces`, the name of
        this node, changes are noted for other services (`db/notifications.py`).
        """
        self.url = make_url(url)
        address = self.url.render_as_string(hide_password=False)
        options = {"pool_size": pool_size, "max_overflow": max_overflow, "pool_recycle": recycle_s}
        self.engine = _open(address, options).execution_options(announces=announces)
        # Connections of their own: one that changed its mode with each use would tell the server so twice.
        self._reads = _open(address, options, for_reads=True)
        # SQLite has one writer, and those who find it busy sleep longer and longer; a lock of ours lets them queue.
        self._turn: AbstractContextManager[Any] = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for questions. Each statement sees what is committed when it starts."""
        with translated(), self._reads.connect() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return what it returns; all of it happens, or nothing."""
        with translated():
            for _ in range(_RUNS_PER_WRITE - 1):
                try:
                    return self._write_once(work)
                except OperationalError as error:
                    if not _is_transient(error):
                        raise
            return self._write_once(work)

    def _write_once(self, work: Callable[[Connection], T]) -> T:
        with self._turn, self.engine.begin() as tx:
            return work(tx)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()
        self._reads.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Say `Unavailable` when the database is away; other errors of the driver are bugs and stay as they are."""
    try:
        yield
    except OperationalError as error:
        raise Unavailable("The database does not answer now.") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("The database does not answer now.") from error
        raise


def _is_transient(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return code in _TRANSIENT_POSTGRESQL
    arguments: tuple[Any, ...] = getattr(error.orig, "args", ())
    return bool(arguments) and arguments[0] in _TRANSIENT_MARIADB


def _open(url: str, pool: Mapping[str, Any], *, for_reads: bool = False) -> Engine:
    """An engine for transactions; `for_reads`, one that runs each statement by itself."""
    name = make_url(url).get_backend_name()
    options = dict(pool)
    if for_reads:
        options |= {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    if name == "sqlite":
        engine = create_engine(url, connect_args={"check_same_thread": False}, **options)
        event.listen(engine, "connect", _set_up_sqlite)
        if not for_reads:
            event.listen(engine, "begin", _begin_immediate)
        return engine
    options = {"isolation_level": "READ COMMITTED", **options, "pool_pre_ping": True}
    engine = create_engine(url, **options)
    if name in {"mysql", "mariadb"}:
        event.listen(engine, "connect", _set_up_mariadb)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # Transactions are opened by us (below): Python's sqlite3 would open them late, and a read that turns into a write
    # in a deferred transaction fails at once when another writer was faster.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_up_mariadb(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00', sql_mode = 'TRADITIONAL'")
