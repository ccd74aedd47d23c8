"""Wake over LISTEN and NOTIFY of the PostgreSQL that holds the work, so that no broker is needed."""

from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from lapilli.work.wake.bus import BusWake

# One statement and one round trip, however many topics.
_NOTIFY = "SELECT pg_notify('lapilli_wake', topic) FROM unnest(%s::text[]) AS topic"
_DEFAULTS: Mapping[str, Any] = {
    "application_name": "lapilli-wake",
    "connect_timeout": 5,
    # An idle LISTEN sends nothing, so only the kernel's probes notice a server that has vanished: after a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class PostgresLink:
    """A connection of its own that listens and notifies."""

    tick_s = None

    def __init__(self, conninfo: str) -> None:
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._connection.execute("LISTEN lapilli_wake")

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, topics: Collection[str]) -> None:
        self._connection.execute(_NOTIFY, [list(topics)])

    def receive(self) -> Collection[str]:
        own = self._connection.info.backend_pid
        return {notice.payload for notice in self._connection.notifies(timeout=0) if notice.pid != own}

    def tick(self) -> None:
        """Nothing: the kernel's keepalive does it."""

    def close(self) -> None:
        self._connection.close()


def postgres_wake(database_url: str) -> BusWake:
    """Wake-ups between all processes that use this database. `database_url` is SQLAlchemy's."""
    url = make_url(database_url)
    place = url.translate_connect_args(username="user", database="dbname")
    conninfo = make_conninfo("", **{**_DEFAULTS, **place, **url.query})
    return BusWake(f"PostgreSQL at {url.host or 'the local socket'}", lambda: PostgresLink(conninfo))
