"""Where messages go, as `[DEFAULT]` says."""

import logging
import logging.handlers
import sys
from pathlib import Path

from lapilli.model.errors import Malformed
from lapilli.settings.core import LogSettings

_LINE = "%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s %(message)s"
_TIME = "%Y-%m-%d %H:%M:%S"
_CHATTY = ("kombu", "amqp", "urllib3", "keystoneauth", "sqlalchemy", "alembic")


def set_up(settings: LogSettings, service: str) -> None:
    """Send the messages of this process to a file of the service's name, to syslog, or to standard error."""
    handlers: list[logging.Handler] = []
    try:
        if settings.log_file or settings.log_dir:
            path = Path(settings.log_dir or ".") / (settings.log_file or f"{service}.log")
            path.parent.mkdir(parents=True, exist_ok=True)
            # A file that logrotate moves away is opened anew.
            handlers.append(logging.handlers.WatchedFileHandler(path))
        if settings.use_syslog:
            handlers.append(logging.handlers.SysLogHandler("/dev/log"))
    except OSError as error:
        raise Malformed(f"The log cannot be opened: {error}. See log_dir, log_file and use_syslog.") from error
    handlers = handlers or [logging.StreamHandler(sys.stderr)]
    level = logging.DEBUG if settings.debug else logging.INFO
    logging.basicConfig(level=level, format=_LINE, datefmt=_TIME, handlers=handlers, force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
