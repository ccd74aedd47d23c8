"""`lapilli volume`: a process that serves backends. Each backend is served by one process alone."""

from pathlib import Path

import click

from lapilli.cmd import backends
from lapilli.cmd.arguments import config_option
from lapilli.cmd.process import open_process, read_settings, tell_notices
from lapilli.cmd.service import Service
from lapilli.model.errors import Malformed


@click.command("volume")
@config_option
@click.option("--backend", metavar="NAME", help="Serve this one of enabled_backends alone.")
def volume(config_path: Path | None, backend: str | None) -> None:
    """Serve the enabled backends, until Ctrl-C.

    The daemons of targets go on, so that hosts keep their volumes while this process is started again.
    """
    settings = read_settings(config_path)
    process = open_process(settings, "volume")
    enabled = backends.build(settings, process.db, backend)
    settings.check()
    if not enabled:
        known = ", ".join(settings.enabled_backends) or "no backend"
        raise Malformed(f"There is no backend {backend or 'to serve'}: enabled_backends names {known}.")
    tell_notices(settings)
    Service(process.db, process.wake, process.core, binaries=(), desks={}, backends=enabled).run()
    process.close()
