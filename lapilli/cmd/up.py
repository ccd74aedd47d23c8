"""`lapilli up`: all services in one process, with nothing to set up before."""

import gc
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from cheroot import wsgi

from lapilli.api.application import Application
from lapilli.api.identity.noauth import refuse_exposed_noauth
from lapilli.cmd import backends, backup, edge, scheduler
from lapilli.cmd.arguments import PATH, split_listen
from lapilli.cmd.consumers import bind_all
from lapilli.cmd.duties import housekeeping
from lapilli.cmd.process import Process, catch_signals, open_process, read_settings, tell_notices, wait_for_signal
from lapilli.cmd.service import Service
from lapilli.machine.files import faults
from lapilli.machine.lock import exclusive
from lapilli.model.errors import Unavailable
from lapilli.operations.desks import SCHEDULER_QUEUE
from lapilli.settings.core import ApiSettings
from lapilli.settings.settings import Settings

_log = logging.getLogger(__name__)

_USUAL_PORT = 8776
_ISCSI_PORT = 3260
_API_THREADS = 16
_IDLE_CONNECTIONS = 1000
"""Connections that stay open between requests; cheroot's own 10 make every client above them connect each time."""


def default_data() -> Path:
    """Where the data of `lapilli up` lies, unless somebody says otherwise."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "lapilli"


@click.command("up")
@click.option("--listen", default=f"127.0.0.1:{_USUAL_PORT}", show_default=True, metavar="HOST:PORT")
@click.option("--data", type=PATH, help="Where everything is kept.  [default: ~/.local/share/lapilli]")
@click.option("--config", "--config-file", "config_path", type=PATH, help="A cinder.conf; without it, none is read.")
@click.option("--force-noauth", is_flag=True, help="Let everybody in who reaches a port of this machine's network.")
def up(listen: str, data: Path | None, config_path: Path | None, *, force_noauth: bool) -> None:
    """Run all services in one process, until Ctrl-C.

    Without a configuration: SQLite, no identity service, volumes as sparse files, exported over iSCSI by tgt. The
    iSCSI portal is port 3260, or the port after the API's when that is not 8776.
    """
    data = (data or default_data()).absolute()
    host, port = split_listen(listen)
    with faults(data):
        data.mkdir(parents=True, exist_ok=True)
    with exclusive(data / "lapilli.pid"):
        settings = read_settings(config_path, _overrides(host, port, data), _beneath(port))
        bind_all(settings)  # so that the first check tells every mistake
        api = settings.bind(ApiSettings)
        if api.auth_strategy.startswith("noauth"):
            refuse_exposed_noauth(host, forced=force_noauth)
        process = open_process(settings, "lapilli", upgrades=True)
        asked = catch_signals()
        with running(process, config_path):
            click.echo(f"Lapilli serves the Block Storage API at http://{listen}/v3/ (data in {data}). Ctrl-C ends it.")
            wait_for_signal(asked)
            click.echo("Ending: running steps are let finish.")


@contextmanager
def running(process: Process, config_path: Path | None) -> Iterator[None]:
    """All services, up to the first request within the block and down after it."""
    settings = process.settings
    application = edge.build(settings, process.db, process.wake, config_path)
    enabled = backends.build(settings, process.db)
    desk = scheduler.desk(settings, process.db)
    duties = housekeeping(settings, process.db)
    backing_up = backup.build(process, is_alone=True)
    settings.check()
    tell_notices(settings)
    service = Service(
        process.db,
        process.wake,
        process.core,
        binaries=("cinder-scheduler",),
        desks={SCHEDULER_QUEUE: desk},
        backends=enabled,
        duties=duties,
        is_alone=True,
    )
    server = _serve(settings, application)
    service.start()
    backing_up.start()
    gc.freeze()  # what lives as long as the process need not be looked through again and again
    thread = threading.Thread(target=server.serve, name="api", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
        backing_up.stop()
        service.stop()
        for backend in enabled:
            backend.stop()
        process.close()


def _serve(settings: Settings, application: Application) -> wsgi.Server:
    api = settings.bind(ApiSettings)
    address = api.osapi_volume_listen, api.osapi_volume_listen_port
    server = wsgi.Server(address, application, numthreads=_API_THREADS, request_queue_size=128)
    server.keep_alive_conn_limit = _IDLE_CONNECTIONS
    try:
        server.prepare()
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {address[0]}:{address[1]}: {error}. Choose another with --listen."
        ) from error
    return server


def _overrides(host: str, port: int, data: Path) -> dict[str, str]:
    return {
        "osapi_volume_listen": host,
        "osapi_volume_listen_port": str(port),
        "state_path": str(data),
    }


def _beneath(port: int) -> dict[str, str]:
    """What holds unless the configuration says otherwise."""
    portal = _ISCSI_PORT if port == _USUAL_PORT else port + 1
    return {
        "auth_strategy": "noauth",
        "database.connection": "sqlite:///$state_path/lapilli.sqlite",
        "enabled_backends": "directory",
        "directory.volume_driver": "directory",
        "directory.directory_path": "$state_path/volumes",
        "directory.target_helper": "tgt",
        "directory.target_ip_address": "127.0.0.1",
        "directory.target_port": str(portal),
        "directory.tgt_control_port": str(port % 32768 or 1),
    }
