"""`lapilli backup`: the process that backups will be made by."""

from pathlib import Path

import click

from lapilli.cmd.arguments import config_option
from lapilli.cmd.process import open_process, read_settings, tell_notices
from lapilli.cmd.service import Service


@click.command("backup")
@config_option
def backup(config_path: Path | None) -> None:
    """Register cinder-backup, until Ctrl-C.

    This release makes no backups: the service is seen in lists of services, and does nothing else.
    """
    settings = read_settings(config_path)
    process = open_process(settings, "backup")
    tell_notices(settings)
    Service(process.db, process.wake, process.core, binaries=("cinder-backup",), desks={}).run()
    process.close()
