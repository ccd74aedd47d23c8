"""A private PostgreSQL."""

import signal
from collections.abc import Sequence

from tests.servers.database import DatabaseServer
from tests.servers.process import find_program, free_port

PLACE = "/usr/lib/postgresql/15/bin"
# Commits still reach the kernel (synchronous_commit stays on), for tests kill the server and count what is left.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "checkpoint_timeout": "1h",
    "timezone": "UTC",
}


class PostgreSql(DatabaseServer):
    """`stop` ends sessions without waiting for them."""

    stop_signal = signal.SIGINT

    def __init__(self) -> None:
        self._postgres = find_program("postgres", PLACE)
        self._initdb = find_program("initdb", PLACE)
        super().__init__()
        self._port = free_port()
        self._data = str(self.directory / "data")
        self.url = f"postgresql+psycopg://lapilli:lapilli@127.0.0.1:{self._port}/postgres"

    def prepare(self) -> None:
        options = ["-U", "lapilli", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self.run(self._initdb, "-D", self._data, *options)

    def command(self) -> Sequence[str]:
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return [self._postgres, "-D", self._data, "-p", str(self._port), *settings]

    def _drop(self, name: str) -> None:
        self._administer(f"DROP DATABASE {name} WITH (FORCE)")
