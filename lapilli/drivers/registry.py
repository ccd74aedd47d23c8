"""Finds a driver by its name: entry points of the group `lapilli.drivers`, and the class paths of a `cinder.conf`."""

from typing import Any, Protocol

from lapilli.machine import plug_ins
from lapilli.model.protocols.storage import StorageDriver

GROUP = "lapilli.drivers"

# What an operator's `volume_driver` may say instead of a name.
_ALIASES = {
    "cinder.volume.drivers.lvm.LVMISCSIDriver": "lvm",
    "cinder.volume.drivers.lvm.LVMVolumeDriver": "lvm",
}


class DriverClass(Protocol):
    """What an entry point names: a class that is built with its filled `Settings` and the backend's name."""

    @property
    def Settings(self) -> type[Any]: ...  # noqa: N802 - it is a class

    def __call__(self, settings: Any, backend_name: str) -> StorageDriver: ...


def get(name: str) -> DriverClass:
    """The driver that `volume_driver = name` asks for.

    Raises `Malformed` if there is none, and `BackendFailed` if it is installed but cannot be loaded.
    """
    found: DriverClass = plug_ins.load(GROUP, "Driver", name, _ALIASES)
    return found


def known() -> list[str]:
    """The names of the drivers that are installed, sorted."""
    return plug_ins.known(GROUP)
