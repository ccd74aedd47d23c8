"""Finds a driver by its name: entry points of the group `lapilli.drivers`, and the class paths of a `cinder.conf`."""

from typing import Any, Final, Protocol

from lapilli.machine.plug_ins import PlugIns
from lapilli.model.protocols.storage import StorageDriver


class DriverClass(Protocol):
    """What an entry point names: a class that is built with its filled `Settings` and the backend's name."""

    @property
    def Settings(self) -> type[Any]: ...  # noqa: N802 - it is a class

    def __call__(self, settings: Any, backend_name: str) -> StorageDriver: ...


# What an operator's `volume_driver` may say instead of a name.
_ALIASES: Final = {
    "cinder.volume.drivers.lvm.LVMISCSIDriver": "lvm",
    "cinder.volume.drivers.lvm.LVMVolumeDriver": "lvm",
}
_PLUG_INS: Final = PlugIns[DriverClass]("lapilli.drivers", "Driver", _ALIASES)

get, known = _PLUG_INS.get, _PLUG_INS.known
