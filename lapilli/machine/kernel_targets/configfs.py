"""What the kernel's LIO and nvmet have in common: configfs, modules, and the question what may be exported."""

import fcntl
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lapilli.machine.modules import load as load_module
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, Malformed

ROOT: Final = Path("/sys/kernel/config")
_RDMA: Final = Path("/sys/class/infiniband")
_LONGEST_NAME: Final = 223
_NAME: Final = re.compile(r"(iqn|eui|naa|nqn)\.[A-Za-z0-9._:+=@-]+")
_PATH: Final = re.compile(r"/[A-Za-z0-9_+./@:=-]+")
_NO_MODULE: Final = (
    "install the modules of this kernel (package linux-modules-extra or kernel-modules-extra), or choose another "
    "target_helper."
)


class _Served:
    """The volume groups whose volumes may be exported; None in a process that acts for nobody but itself."""

    groups: frozenset[str] | None = None
    prefixes: tuple[str, ...] = ()


def serve(groups: Sequence[str], prefixes: Sequence[str]) -> None:
    """From now on only logical volumes of these groups are exported, and only targets of these prefixes touched.

    It is what a helper says, that acts for others.
    """
    _Served.groups, _Served.prefixes = frozenset(groups), tuple(prefix.lower() for prefix in prefixes)


def check_name(name: str) -> None:
    """`Malformed` unless it is the name of a target or an initiator: no path, no blank, and not too long."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME or ".." in name:
        raise Malformed(f"{name!r} is no name of a target or an initiator (iqn.…, nqn.…).")


def check_target(name: str) -> None:
    """`Malformed` unless it is the name of a target that this process may touch."""
    check_name(name)
    if _Served.groups is not None and not name.lower().startswith(_Served.prefixes):
        raise Malformed(f"{name} does not begin as the targets of this service do, so it is not touched.")


def check_source(path: str) -> None:
    """`Malformed` unless it may be exported, `BackendFailed` if it is not there."""
    if not _PATH.fullmatch(path) or ".." in path:
        raise Malformed(f"{path!r} is no path of a volume.")
    if _Served.groups is not None and not _is_served(path, _Served.groups):
        raise Malformed(f"{path} is in no volume group that this service serves, so it is not exported.")
    try:
        mode = Path(path).stat().st_mode
    except OSError as error:
        raise BackendFailed(f"{path} cannot be exported: {error.strerror}.") from error
    if not (stat.S_ISBLK(mode) or stat.S_ISREG(mode)):
        raise Malformed(f"{path} is neither a block device nor a file, so it cannot be exported.")


def _is_served(path: str, groups: frozenset[str]) -> bool:
    """Whether it is `/dev/<group>/<volume>`, as LVM names volumes: a place where only root can put something else."""
    group, _, volume = path.removeprefix("/dev/").partition("/")
    return path.startswith("/dev/") and group in groups and volume not in ("", ".") and "/" not in volume


def is_block(path: str) -> bool:
    """Whether it is a block device."""
    return stat.S_ISBLK(Path(path).stat().st_mode)


def load(*modules: str) -> None:
    """Have the kernel's modules, and configfs in its place; `BackendFailed` says which is not there."""
    for module in modules:
        load_module(module, _NO_MODULE)
    if not ROOT.is_mount():
        run(["mount", "-t", "configfs", "configfs", str(ROOT)])


def check_rdma(otherwise: str) -> None:
    """`BackendFailed`, with the setting to use `otherwise`, unless a network card does RDMA, be it in software."""
    if not any(_RDMA.glob("*")):
        raise BackendFailed(
            f"No network card of this machine does RDMA ({_RDMA} has none): set target_protocol = {otherwise}, "
            "or add one in software: rdma link add rxe0 type rxe netdev DEVICE."
        )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one of all processes and threads that changes what is below, until the block ends.

    The lock goes with its holder, and lies on the directory itself: there is no file to leave behind.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        raise BackendFailed(f"{folder} is not there: the kernel's target is not loaded.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
