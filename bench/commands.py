"""What it costs to load each command of `lapilli`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from bench.bytecode import environment
from bench.figures import Figure

_COMMANDS: Final = ("up", "api", "scheduler", "volume", "manage", "config")
_COUNT: Final = "import sys, lapilli.cmd.{}; print(len(sys.modules))"


def measure(rounds: int) -> Iterator[Figure]:
    """CPU of `python` until the command's module is there."""
    for name in _COMMANDS:
        _load(_COUNT.format(name))
        spent = [_load(_COUNT.format(name)) for _ in range(rounds)]
        yield Figure(f"load `lapilli {name}`", [ms for ms, _ in spent], note=f"{spent[0][1].strip()} modules")


def _load(code: str) -> tuple[float, str]:
    before = os.times()
    argv = [sys.executable, "-c", code]
    modules = subprocess.run(argv, env=environment(), check=True, capture_output=True, text=True).stdout
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) * 1000, modules
