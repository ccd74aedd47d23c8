"""Finds a backup store by its name: entry points of the group `lapilli.stores`, and the class paths of Cinder."""

from typing import Any, Protocol

from lapilli.machine import plug_ins
from lapilli.model.protocols.backups import BackupStore

GROUP = "lapilli.stores"

# What an operator's `backup_driver` may say instead of a name.
_ALIASES = {"cinder.backup.drivers.posix.PosixBackupDriver": "posix"}


class StoreClass(Protocol):
    """What an entry point names: a class that is built with its filled `Settings`."""

    @property
    def Settings(self) -> type[Any]: ...  # noqa: N802 - it is a class

    def __call__(self, settings: Any) -> BackupStore: ...


def get(name: str) -> StoreClass:
    """The store that `backup_driver = name` asks for.

    Raises `Malformed` if there is none, and `BackendFailed` if it is installed but cannot be loaded.
    """
    found: StoreClass = plug_ins.load(GROUP, "Store", name, _ALIASES)
    return found


def known() -> list[str]:
    """The names of the stores that are installed, sorted."""
    return plug_ins.known(GROUP)
