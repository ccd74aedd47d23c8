"""`lapilli up`: all services in one process, with nothing to set up before."""

import gc
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from cheroot import wsgi

from lapilli.api.application import Application
from lapilli.api.identity.noauth import refuse_exposed_noauth
from lapilli.cmd import backends, backup, edge, scheduler, storage_choice
from lapilli.cmd.arguments import PATH, split_listen
from lapilli.cmd.consumers import bind_all
from lapilli.cmd.duties import housekeeping
from lapilli.cmd.process import Process, catch_signals, open_process, read_settings, tell_notices, wait_for_signal
from lapilli.cmd.service import Service
from lapilli.cmd.site_files import config_of, default_data
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


@click.command("up")
@click.option("--listen", default=f"127.0.0.1:{_USUAL_PORT}", show_default=True, metavar="HOST:PORT")
@click.option("--data", type=PATH, help="Where everything is kept.  [default: ~/.local/share/lapilli]")
@click.option(
    "--config", "--config-file", "config_path", type=PATH, help="A cinder.conf.  [default: lapilli.conf there, if any]"
)
@click.option("--force-noauth", is_flag=True, help="Let everybody in who reaches a port of this machine's network.")
def up(listen: str, data: Path | None, config_path: Path | None, *, force_noauth: bool) -> None:
    """Run all services in one process, until Ctrl-C.

    Unless the configuration says otherwise: SQLite, no identity service, and volumes in LVM, exported over iSCSI by
    LIO, where `lapilli init --lvm-loop` has made a volume group and both work; else as sparse files, exported by tgt.
    The first line says which, and why. The iSCSI portal of tgt is port 3260, or the port after the API's when that is
    not 8776; LIO's is the one after.
    """
    data = (data or default_data()).absolute()
    host, port = split_listen(listen)
    with faults(data):
        data.mkdir(parents=True, exist_ok=True)
    if config_path is None and config_of(data).exists():
        config_path = config_of(data)
    with exclusive(data / "lapilli.pid"):
        overrides, beneath = overrides_of(host, port, data), beneath_of(port)
        choice = storage_choice.choose(data, config_path, overrides, beneath)
        settings = read_settings(config_path, overrides, {**beneath, "enabled_backends": choice.backends})
        storage_choice.bind_unused(settings)
        bind_all(settings)  # so that the first check tells every mistake
        api = settings.bind(ApiSettings)
        if api.auth_strategy.startswith("noauth"):
            refuse_exposed_noauth(host, forced=force_noauth)
        process = open_process(settings, "lapilli", upgrades=True)
        asked = catch_signals()
        with running(process, config_path):
            click.echo(choice.told)
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


def overrides_of(host: str, port: int, data: Path) -> dict[str, str]:
    """What holds whatever the configuration says."""
    return {
        "osapi_volume_listen": host,
        "osapi_volume_listen_port": str(port),
        "state_path": str(data),
    }


def beneath_of(port: int) -> dict[str, str]:
    """What holds unless the configuration says otherwise."""
    portal = _ISCSI_PORT if port == _USUAL_PORT else port + 1
    return {
        "auth_strategy": "noauth",
        "database.connection": "sqlite:///$state_path/lapilli.sqlite",
        "directory.volume_driver": "directory",
        "directory.directory_path": "$state_path/volumes",
        "directory.target_helper": "tgt",
        "directory.target_ip_address": "127.0.0.1",
        "directory.target_port": str(portal),
        "directory.tgt_control_port": str(port % 32768 or 1),
        **storage_choice.LVM_BENEATH,
        "lvm.target_ip_address": "127.0.0.1",
        "lvm.target_port": str(portal + 1),
    }
