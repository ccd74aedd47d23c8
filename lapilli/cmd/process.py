"""What every process does at its start: read the settings, open the log, the database and the wake-ups."""

import logging
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lapilli.clients.rabbit_settings import RabbitSettings
from lapilli.cmd.arguments import DEFAULT_CONFIG
from lapilli.cmd.consumers import bind_all
from lapilli.cmd.logs import set_up as set_up_log
from lapilli.cmd.notify import are_wanted
from lapilli.db import migrate
from lapilli.db.engine import Database
from lapilli.machine.privileged.mark import use_helper
from lapilli.model.errors import Malformed, Unavailable
from lapilli.model.protocols.work import Wake
from lapilli.settings.core import CoreSettings, LogSettings
from lapilli.settings.database import DatabaseSettings, sqlalchemy_url
from lapilli.settings.settings import Settings, load
from lapilli.work.wake import WakeSettings, open_wake

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Process:
    """The tools that every process has."""

    settings: Settings
    core: CoreSettings
    db: Database
    wake: Wake

    def close(self) -> None:
        """Let go of all connections and threads."""
        self.wake.close()
        self.db.close()


def config_file(path: Path | None) -> Path | None:
    """The file named, or /etc/cinder/cinder.conf where it exists."""
    return path or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)


def read_settings(
    path: Path | None, overrides: Mapping[str, str] | None = None, beneath: Mapping[str, str] | None = None
) -> Settings:
    """The settings of `config_file`; with defaults `beneath`, of the file named or of none."""
    return load(config_file(path) if beneath is None else path, overrides, beneath)


def open_process(settings: Settings, service: str, *, upgrades: bool = False) -> Process:
    """Open what the settings name. `upgrades` brings the schema up to date, instead of only asking for it.

    Raises `Malformed` with all mistakes of the settings, and `Unavailable` when the database stays away.
    """
    core, database = settings.bind(CoreSettings), settings.bind(DatabaseSettings, "database")
    log = settings.bind(LogSettings)
    wake, rabbit = settings.bind(WakeSettings), settings.bind(RabbitSettings, "oslo_messaging_rabbit")
    settings.check()
    set_up_log(log, service)
    use_helper(Path(core.privileged_helper_socket))
    url = sqlalchemy_url(database.connection)
    db = Database(
        url,
        pool_size=database.max_pool_size,
        max_overflow=database.max_overflow,
        recycle_s=database.connection_recycle_time,
        announces=core.host if are_wanted(settings) else "",
    )
    _wait_for(db, database)
    if not migrate.is_current(db):
        if not upgrades:
            raise Malformed("The database's schema is not this release's. Run: lapilli manage db sync")
        migrate.upgrade(url)
    return Process(settings, core, db, open_wake(wake, rabbit, url))


def _wait_for(db: Database, settings: DatabaseSettings) -> None:
    attempt = 0
    while True:
        try:
            with db.read():
                return
        except Unavailable as error:
            attempt += 1
            if 0 <= settings.max_retries < attempt:
                raise Unavailable(
                    f"The database does not answer after {attempt} attempts: {error.__cause__}"
                ) from error
            _log.warning("the database does not answer; attempt %d of %d", attempt, settings.max_retries)
            time.sleep(settings.retry_interval)


def tell_notices(settings: Settings) -> None:
    """Log what works but should be changed, and what nobody reads. Call it after the last `check`.

    A file may serve all processes, so what another one reads is not unknown.
    """
    bind_all(settings)
    for notice in (*settings.notices, *settings.unknown()):
        _log.warning("%s", notice)


def catch_signals() -> threading.Event:
    """From now on Ctrl-C and SIGTERM end nothing, but set the event. Call it before starting what must be stopped."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    return asked


def wait_for_signal(asked: threading.Event) -> None:
    """Return when somebody asks this process to end."""
    while not asked.wait(3600):
        pass
