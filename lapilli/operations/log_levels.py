"""From which level on the loggers of this process log, and how an administrator changes that while it runs."""

import logging
from collections.abc import Mapping
from typing import Final

OURS: Final = "lapilli"
LEVELS: Final = ("ERROR", "WARNING", "INFO", "DEBUG")


def of_process(prefix: str = "") -> dict[str, str]:
    """The level of every logger of this service whose name begins with `prefix`, and of the root without one."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == OURS]
    found = {name: logging.getLevelName(logging.getLogger(name).getEffectiveLevel()) for name in sorted(names)}
    return beginning_with(found, prefix)


def beginning_with(levels: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Those of the loggers whose names begin with `prefix`."""
    return {name: level for name, level in levels.items() if name.startswith(prefix)}


def apply(wanted: Mapping[str, str]) -> None:
    """Set levels, by the beginning of the loggers' names; of two that fit, the longer one."""
    for name in of_process():
        fitting = [prefix for prefix in wanted if name.startswith(prefix)]
        if fitting:
            logging.getLogger(name).setLevel(wanted[max(fitting, key=len)])
