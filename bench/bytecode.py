"""Bytecode for what is measured, as an installed service has it, wherever this checkout leaves its own."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def environment() -> Mapping[str, str]:
    """The environment of a process that compiles a module only when no run before it has."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir(), "lapilli-bench-bytecode"))}
