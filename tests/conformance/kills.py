"""A way to die at every system call, for the checks of plug-ins."""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

# Calls into these modules change the world, but for the few that only look.
_WORLD = {"posix", "fcntl", "_io", "io", "_posixsubprocess"}
_LOOKS = {"stat", "lstat", "fstat", "lseek", "fspath", "fsencode", "statvfs", "fstatvfs", "scandir", "getpid", "pread"}
_MOST_CALLS = 1000
_KILLED = 99


Deadly = Callable[[FrameType, object], bool]
"""Whether the process can die before it calls the C function from the frame."""


def is_system_call(_frame: FrameType, called: object) -> bool:
    """A call that changes the world."""
    return getattr(called, "__module__", None) in _WORLD and getattr(called, "__name__", "") not in _LOOKS


def each_kill(start: Callable[[], T], call: Callable[[T], None], deadly: Deadly = is_system_call) -> Iterator[int]:
    """Run `call`, on what `start` makes, in a process that dies before its first system call, then in one that dies
    before its second, and so on, until one reaches the end. Yields after each, so that what is left can be looked at
    and put back.
    """
    for number in range(1, _MOST_CALLS):
        status = _run_until(start, call, number, deadly)
        assert status in {0, _KILLED}, f"the call failed by itself (its error is on standard error), at {number}"
        yield number
        if status == 0:
            return
    raise AssertionError(f"not done after {_MOST_CALLS} system calls")


def _run_until(start: Callable[[], T], call: Callable[[T], None], number: int, deadly: Deadly) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        plug_in = start()
        sys.setprofile(_death(number, deadly))
        call(plug_in)
        sys.setprofile(None)
    except BaseException:  # noqa: BLE001 - a forked child must not return into pytest
        sys.setprofile(None)
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _death(number: int, deadly: Deadly) -> Callable[[FrameType, str, object], None]:
    """A profiler that ends the process, without a clean-up, when it is about to make its `number`-th system call."""
    left = number

    def profile(frame: FrameType, event: str, called: object) -> None:
        nonlocal left
        if event != "c_call" or not deadly(frame, called):
            return
        left -= 1
        if left == 0:
            os._exit(_KILLED)

    return profile
