"""The API as a WSGI callable, for web servers that bring their own processes: Apache's mod_wsgi, uWSGI, gunicorn.

    LAPILLI_CONFIG=/etc/cinder/cinder.conf uwsgi --http :8776 --master --processes 4 --threads 16 --module lapilli.wsgi

`application` opens its database with the first request, so that each process has connections of its own even where the
server loads this module once and forks.
"""

import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lapilli.api.application import Application
from lapilli.api.wsgi import StartResponse
from lapilli.cmd import edge
from lapilli.cmd.process import Process, config_file, open_process, read_settings, tell_notices
from lapilli.model.errors import LapilliError, Malformed
from lapilli.settings.core import ApiSettings

_log = logging.getLogger(__name__)


def open_api(config_path: Path | None) -> tuple[Process, Application]:
    """Read the settings, and open what the API needs. Call it after forking.

    Raises `Malformed` with all mistakes of the settings, and `Unavailable` when the database stays away.
    """
    settings = read_settings(config_path)
    process = open_process(settings, "api")
    application = edge.build(settings, process.db, process.wake, config_file(config_path))
    settings.check()
    tell_notices(settings)
    return process, application


class _OpenedLater:
    """Becomes the application with its first request. An attempt that fails is made again with the next one."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._application: Application | None = None

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            application = self._opened()
        except LapilliError as error:
            _log.critical("the API cannot be opened: %s", error)
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "10")])
            return [b"The API cannot be opened; its log says why.\n"]
        return application(environ, start_response)

    def _opened(self) -> Application:
        with self._turn:
            if self._application is None:
                config = os.environ.get("LAPILLI_CONFIG")
                process, application = open_api(Path(config) if config else None)
                strategy = process.settings.bind(ApiSettings).auth_strategy
                # Who reaches the web server cannot be seen from here.
                if strategy.startswith("noauth") and not os.environ.get("LAPILLI_FORCE_NOAUTH"):
                    raise Malformed(
                        f"auth_strategy = {strategy} lets everybody in who reaches the web server. Choose keystone or "
                        "http_basic, or set LAPILLI_FORCE_NOAUTH=1 in its environment."
                    )
                self._application = application
            return self._application


application = _OpenedLater()
