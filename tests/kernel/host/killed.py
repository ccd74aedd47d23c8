"""Kills `lapilli attach` and `detach` before a step of theirs.

A step is a program that changes something, a request to the API that does, or a record of this machine's that is
written or deleted. A program that only looks is none: killed before it, everything is as before the next step.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lapilli.host import attached
from lapilli.host.client import BlockStorage

STATUS = -signal.SIGKILL
# Of each program that changes something, the words that tell it from a look; none where it always does.
_CHANGES = {
    "iscsiadm": ("--op", "--login", "--logout", "--rescan", "-R"),
    "nvme": ("connect", "disconnect", "ns-rescan"),
    "multipath": ("-f", "-a"),
    "multipathd": ("add", "del", "disablequeueing", "resize"),
    "blockdev": ("--flushbufs",),
    "tee": (),
    "mount": (),
    "umount": (),
}


class Steps:
    """Counts, tells each step to a file, and ends this process before the last."""

    def __init__(self, last: int, log: Path) -> None:
        self._left = last
        self._log = log

    def before(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The function, with a step before it."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            self._take(name)
            return function(*args, **kwargs)

        return counted

    def before_program(self, start: Callable[..., Any]) -> Callable[..., Any]:
        """`Popen.__init__`, with a step before each program that changes something."""

        def counted(process: Any, argv: Sequence[str], *args: Any, **kwargs: Any) -> Any:
            if name := _change(argv):
                self._take(name)
            return start(process, argv, *args, **kwargs)

        return counted

    def _take(self, name: str) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        with self._log.open("a") as log:
            log.write(f"{name}\n")


def prepare(last: int, log: Path) -> None:
    """This process ends with SIGKILL before its step number `last`; those before are told in the file, one a line."""
    steps = Steps(last, log)
    for name in ("attach", "connect", "complete", "detach"):
        setattr(BlockStorage, name, steps.before(getattr(BlockStorage, name), f"API {name}"))
    attached.write = steps.before(attached.write, "record written")  # type: ignore[assignment]
    attached.forget = steps.before(attached.forget, "record deleted")  # type: ignore[assignment]
    subprocess.Popen.__init__ = steps.before_program(subprocess.Popen.__init__)  # type: ignore[method-assign]


def _change(argv: Sequence[str]) -> str:
    """What a program changes, in short; nothing if it only looks."""
    words = [Path(argv[0]).name, *argv[1:]]
    if words[0] == "setpriv":
        words = words[words.index("--") + 1 :]
    told = _CHANGES.get(words[0])
    if told is None:
        return ""
    found = [word for word in words if word in told]
    if told and not found:
        return ""
    return " ".join([words[0], *found, *(word for word in words if word.startswith("node."))])
