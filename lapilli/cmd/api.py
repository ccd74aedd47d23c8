"""`lapilli api`: the API over HTTP or HTTPS, in as many processes as the settings say."""

import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server.mp import MPServer

from lapilli import wsgi
from lapilli.api.application import Application
from lapilli.api.identity.noauth import refuse_exposed_noauth
from lapilli.cmd.arguments import config_option
from lapilli.cmd.tls import tls_files
from lapilli.model.errors import LapilliError, Unavailable
from lapilli.settings.core import ApiSettings

_log = logging.getLogger(__name__)

_THREADS: Final = 16
# It counts connections, those that wait for their next request included.
_MOST_CONNECTIONS: Final = 4096
_ENDS_WITHIN_S: Final = 30
_PR_SET_PDEATHSIG: Final = 1
_LOGGING: Final[Mapping[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


@click.command("api")
@config_option
@click.option("--force-noauth", is_flag=True, help="Let everybody in who reaches a port of this machine's network.")
def api(config_path: Path | None, *, force_noauth: bool) -> None:
    """Run the API, until Ctrl-C.

    SIGHUP lets new processes take over, which read the configuration anew; requests in hand are answered.
    """
    # Mistakes are told here, once, and not by each of the workers. They open all of this for themselves.
    process, _ = wsgi.open_api(config_path)
    settings = process.settings.bind(ApiSettings)
    certificate = tls_files(process.settings)
    process.close()
    if settings.auth_strategy.startswith("noauth"):
        refuse_exposed_noauth(settings.osapi_volume_listen, forced=force_noauth)
    address, port = _free_address(settings.osapi_volume_listen, settings.osapi_volume_listen_port)
    server = _Server(
        config_path,
        address=address,
        port=port,
        workers=settings.osapi_volume_workers or len(os.sched_getaffinity(0)),
        **certificate,
    )
    scheme = "https" if certificate else "http"
    click.echo(f"The Block Storage API is served at {scheme}://{_shown(address)}:{port}/v3/. Ctrl-C ends it.")
    server.serve(target_loader=partial(_open_worker, config_path, os.getpid()), wrap_loader=False)


class _Server(MPServer):
    """granian, as this API needs it."""

    def __init__(self, config_path: Path | None, **options: Any) -> None:
        self._config_path = config_path
        super().__init__(
            "lapilli.wsgi:application",
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=_THREADS,
            backpressure=_MOST_CONNECTIONS,
            respawn_failed_workers=True,
            workers_kill_timeout=_ENDS_WITHIN_S,
            log_level=LogLevels.error,
            log_dictconfig=dict(_LOGGING),
            ssl_protocol_min=SSLProtocols.tls12,
            **options,
        )

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        """SIGHUP. Workers that could not start would end the whole service, so the mistakes are looked for first."""
        try:
            process, _ = wsgi.open_api(self._config_path)
        except LapilliError as error:
            _log.error("the old settings stay, for the new ones cannot be used:\n%s", error)
            return
        process.close()
        super().signal_handler_reload(*args, **kwargs)  # type: ignore[no-untyped-call]


def _open_worker(config_path: Path | None, main_pid: int) -> Application:
    """The application of one worker, opened in its process."""
    # Workers that outlived their main process would go on answering beside those of the next one, on the same port.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != main_pid:
        sys.exit(1)
    _, application = wsgi.open_api(config_path)
    return application


def _free_address(host: str, port: int) -> tuple[str, int]:
    """The IP address of `host`; `Unavailable` if its port is in use, which the workers, sharing it, would not see."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {error.strerror}. "
            "Set osapi_volume_listen and osapi_volume_listen_port to an address of this machine and a free port."
        ) from error
    return str(place[0]), port


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address
