"""`python -m tests.kernel.killed N WORD…`: `lapilli WORD…`, killed before its step number N.

A step is a program that is started, a request to the API that changes something, or a record of this machine's that is
written or deleted. Those before the first change at the API are not counted: nothing has happened yet.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from lapilli.cmd.main import main
from lapilli.host import attached
from lapilli.host.client import BlockStorage
from lapilli.host.initiator import Initiator


class Steps:
    """Counts from its beginning on, and ends this process."""

    def __init__(self, last: int) -> None:
        self._left = last
        self._has_begun = False

    def before(self, function: Callable[..., Any], *, begins: bool = False) -> Callable[..., Any]:
        """The function, with a step before it."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            self._has_begun = self._has_begun or begins
            self._take()
            result = function(*args, **kwargs)
            self._take() if begins else None
            return result

        return counted

    def _take(self) -> None:
        if self._has_begun:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def run(last: int, words: list[str]) -> None:
    """Run the command. It ends with SIGKILL, or as it ends."""
    steps = Steps(last)
    for name in ("attach", "connect", "complete", "detach"):
        setattr(BlockStorage, name, steps.before(getattr(BlockStorage, name), begins=True))
    Initiator.disconnect = steps.before(Initiator.disconnect, begins=True)  # type: ignore[method-assign]
    attached.write = steps.before(attached.write)  # type: ignore[assignment]
    attached.forget = steps.before(attached.forget)  # type: ignore[assignment]
    subprocess.Popen.__init__ = steps.before(subprocess.Popen.__init__)  # type: ignore[method-assign]
    main(words)


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2:])
