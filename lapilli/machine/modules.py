"""The modules of this machine's kernel."""

from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed


def load(module: str, otherwise: str) -> None:
    """Have the kernel's module, if it is not built in. Where there is none, `BackendFailed` says so and `otherwise`."""
    try:
        run(["modprobe", module])
    except CommandFailed as failed:
        raise BackendFailed(f"This kernel has no {module} ({failed.stderr.strip()}): {otherwise}") from failed
