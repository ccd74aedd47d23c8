"""Finds a driver by its name: entry points of the group `lapilli.drivers`, and the class paths of a `cinder.conf`."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols import StorageDriver

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
    wanted = _ALIASES.get(name, name)
    found = _installed().get(wanted)
    if found is None:
        alias = f" (which {name} stands for)" if name != wanted else ""
        raise Malformed(f"Driver {wanted}{alias} is not part of this release. Known drivers: {', '.join(known())}.")
    try:
        driver: DriverClass = found.load()
    except (ImportError, AttributeError) as error:
        raise BackendFailed(f"Driver {wanted} is installed and cannot be loaded from {found.value}: {error}") from error
    return driver


def known() -> list[str]:
    """The names of the drivers that are installed, sorted."""
    return sorted(_installed())


def _installed() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}
