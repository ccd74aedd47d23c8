"""What `lapilli manage` works on: settings and a database, each opened when a command first asks for it."""

from functools import cached_property
from pathlib import Path

from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.cmd.arguments import DEFAULT_CONFIG
from lapilli.cmd.process import read_settings
from lapilli.cmd.site_files import config_of, default_data
from lapilli.db import migrate
from lapilli.db.engine import Database
from lapilli.model.errors import Malformed, NotFound
from lapilli.settings.core import CoreSettings
from lapilli.settings.database import DatabaseSettings, sqlalchemy_url
from lapilli.settings.settings import Settings
from lapilli.work.wake import WakeSettings, open_wake


class Site:
    """The installation that a configuration or a data directory of `lapilli up` describes."""

    def __init__(self, config_path: Path | None, data: Path | None) -> None:
        self._config_path = config_path
        self._data = data
        if config_path is None and data is None and not DEFAULT_CONFIG.exists():
            self._data = default_data()

    @cached_property
    def settings(self) -> Settings:
        """The settings, with what a data directory of `lapilli up` implies."""
        if self._data is None:
            return read_settings(self._config_path)
        beneath = {"database.connection": "sqlite:///$state_path/lapilli.sqlite"}
        beside = config_of(self._data)
        config_path = self._config_path or (beside if beside.exists() else None)
        return read_settings(config_path, {"state_path": str(self._data.absolute())}, beneath)

    @property
    def url(self) -> str:
        """The database's URL. Raises `Malformed` with the mistakes of the settings."""
        database = self.settings.bind(DatabaseSettings, "database")
        self.settings.check()
        return sqlalchemy_url(database.connection)

    @cached_property
    def db(self) -> Database:
        """The database, with the tables of this release."""
        if self._data is not None and not (self._data / "lapilli.sqlite").exists():
            raise NotFound("The database", f"{self._data / 'lapilli.sqlite'} (name another with --config or --data)")
        db = Database(self.url)
        if not migrate.is_current(db):
            raise Malformed("The database's schema is not this release's. Run: lapilli manage db sync")
        return db

    @property
    def service_down_time_s(self) -> int:
        """After how many seconds without a sign of life a service is down."""
        return self.settings.bind(CoreSettings).service_down_time

    def ring(self, topic: str) -> None:
        """Let a worker look at once. Where wake-ups stay within a process, it looks with its next poll."""
        wake, rabbit = self.settings.bind(WakeSettings), self.settings.bind(RabbitSettings, "oslo_messaging_rabbit")
        bus = open_wake(wake, rabbit, self.url)
        bus.ring(topic)
        bus.close()

    def close(self) -> None:
        """Give back the connections, if any was opened."""
        if "db" in self.__dict__:
            self.db.close()
