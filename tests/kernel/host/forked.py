"""`lapilli …` in a child of the tests' own process, which has read the code: that takes seconds here."""

import contextlib
import importlib
import logging
import os
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from lapilli.cmd.main import main
from lapilli.host import initiator

_ENDS_WITHIN_S = 300
_BUG = 70

for _each in ("attach", "detach"):
    importlib.import_module(f"lapilli.cmd.{_each}")
initiator._os_brick()


@dataclass(frozen=True)
class Done:
    """What a command said, and its status: negative for a signal that ended it."""

    returncode: int
    stdout: str
    stderr: str


def run(words: tuple[str, ...], environment: Mapping[str, str], prepare: Callable[[], None] = lambda: None) -> Done:
    """Run `lapilli WORD…` to its end, with `prepare` called in its process before."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = os.fork()
        if process == 0:
            _be(words, environment, prepare, (out.fileno(), err.fileno()))
        status = _wait(process, words)
        out.seek(0)
        err.seek(0)
        return Done(os.waitstatus_to_exitcode(status), out.read(), err.read())


def _be(
    words: tuple[str, ...], environment: Mapping[str, str], prepare: Callable[[], None], outputs: tuple[int, int]
) -> NoReturn:
    code = _BUG
    try:
        for number, output in enumerate(outputs, 1):
            os.dup2(output, number)
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        logging.getLogger().handlers.clear()
        os.environ.clear()
        os.environ.update(environment)
        prepare()
        main(list(words))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - nothing of this process may go on as the tests
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _wait(process: int, words: tuple[str, ...]) -> int:
    ends = os.pidfd_open(process)
    try:
        if not select.select([ends], [], [], _ENDS_WITHIN_S)[0]:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise AssertionError(f"lapilli {' '.join(words)} is not done after {_ENDS_WITHIN_S} s")
        return os.waitpid(process, 0)[1]
    finally:
        os.close(ends)
