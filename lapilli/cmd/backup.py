"""`lapilli backup`: the process that makes backups of the volumes of its machine, and restores them."""

import logging
from dataclasses import dataclass
from pathlib import Path

import click

from lapilli.cmd.arguments import config_option
from lapilli.cmd.process import Process, open_process, read_settings, tell_notices
from lapilli.cmd.service import Service
from lapilli.machine import device
from lapilli.model.errors import LapilliError
from lapilli.model.protocols.backups import BackupStore
from lapilli.operations.desks import BackupDesk, backup_queue
from lapilli.settings.backup import BackupSettings
from lapilli.stores import registry as stores
from lapilli.work.duties import Duty

_log = logging.getLogger(__name__)


@click.command("backup")
@config_option
def backup(config_path: Path | None) -> None:
    """Make and restore backups of the volumes of this machine, until Ctrl-C."""
    settings = read_settings(config_path)
    process = open_process(settings, "backup")
    service = build(process)
    settings.check()
    tell_notices(settings)
    service.run()
    process.close()


def build(process: Process, *, is_alone: bool = False) -> Service:
    """The backup service of a process. Its threads are its own: copies that last for hours keep nobody waiting.

    Mistakes wait in the settings for their `check`.
    """
    settings, core = process.settings, process.core
    about = settings.bind(BackupSettings)
    store_class = stores.get(about.backup_driver)
    store = store_class(settings.bind(store_class.Settings))
    desk = BackupDesk(process.db, store, device.opened, about.backup_compression_algorithm)
    watched = _Watched(store)
    watched.look()
    return Service(
        process.db,
        process.wake,
        core,
        binaries=("cinder-backup",),
        trouble=lambda: watched.trouble,
        desks={backup_queue(core.host): desk},
        duties=[Duty("look after the backup store", core.report_interval, watched.look)],
        is_alone=is_alone,
    )


@dataclass
class _Watched:
    """A store, and what this process knows of its health."""

    store: BackupStore
    trouble: str | None = None
    """Why it cannot be used now; while there is any, the service is given no work."""

    def look(self) -> None:
        """Duty: see whether the store can be used."""
        before = self.trouble
        try:
            self.store.check()
        except LapilliError as error:
            self.trouble = str(error)
        else:
            self.trouble = None
        if self.trouble and self.trouble != before:
            _log.error("backups cannot be made: %s", self.trouble)
        elif before and not self.trouble:
            _log.info("backups can be made again")
