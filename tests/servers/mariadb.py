"""A private MariaDB."""

import contextlib
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from tests.servers.database import DatabaseServer
from tests.servers.process import find_program, free_port

# Commits still reach the kernel (2, and not 0), for tests kill the server and count what is left.
SETTINGS = {
    "bind-address": "127.0.0.1",
    "innodb-flush-log-at-trx-commit": "2",
    "innodb-flush-method": "nosync",
    "innodb-buffer-pool-size": "64M",
    "innodb-log-file-size": "16M",
    "max-connections": "200",
    "performance-schema": "0",
    "skip-name-resolve": "1",
    "character-set-server": "utf8mb4",
    "default-time-zone": "+00:00",
}
# Newer releases reserve 8 TiB of addresses unless told otherwise; User-Mode Linux has less. Older ones ignore it.
ADDRESSES = "--loose-innodb-buffer-pool-size-max=256M"
ACCOUNT = "CREATE USER IF NOT EXISTS lapilli IDENTIFIED BY 'lapilli';\nGRANT ALL ON *.* TO lapilli;\n"


class MariaDb(DatabaseServer):
    """`url` is an account with all rights."""

    def __init__(self) -> None:
        self._mariadbd = find_program("mariadbd")
        self._install = find_program("mariadb-install-db")
        super().__init__()
        self._port = free_port()
        self._data = f"--datadir={self.directory / 'data'}"
        self.url = f"mysql+mysqldb://lapilli:lapilli@127.0.0.1:{self._port}/mysql"
        self._account = self.directory / "account.sql"

    def prepare(self) -> None:
        self._account.write_text(ACCOUNT)
        self.run(
            self._install,
            "--no-defaults",
            self._data,
            ADDRESSES,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )

    def command(self) -> Sequence[str]:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        files = [f"--socket={self.directory / 'socket'}", f"--pid-file={self.directory / 'pid'}"]
        return [
            self._mariadbd,
            "--no-defaults",
            self._data,
            f"--port={self._port}",
            f"--init-file={self._account}",
            *files,
            ADDRESSES,
            *settings,
        ]

    def _drop(self, name: str) -> None:
        for session in self._administer(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):
            # It may have ended meanwhile.
            with contextlib.suppress(OperationalError):
                self._administer(f"KILL {session}")
        self._administer(f"DROP DATABASE {name}")
