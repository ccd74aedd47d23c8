"""The storage behind a target of LIO: `iblock` over a block device, `fileio` over a file. Called under LIO's lock."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from lapilli.machine.kernel_targets import configfs

_CORE: Final = configfs.ROOT / "target" / "core"
_KINDS: Final = {"iblock": "BlockStorageObject", "fileio": "FileIOStorageObject"}


def forget(rtslib: Any) -> None:
    """Have rtslib look at the world: what it remembers of backstores may be gone, or another process's."""
    rtslib.tcm.bs_cache.clear()


def find(rtslib: Any, target: str) -> Any:
    """The target's backstore, finished or not; None if there is none."""
    for kind, maker in _KINDS.items():
        for found in _CORE.glob(f"{kind}_*/{_name(target)}"):
            return getattr(rtslib, maker)(found.name, index=found.parent.name.rpartition("_")[2])
    return None


def is_of(store: Any, path: str, serial: str) -> bool:
    """Whether the backstore is finished, and is this volume."""
    return bool(store.is_configured() and store.udev_path == path and store.wwn == serial)


def make(rtslib: Any, target: str, path: str, size_bytes: int, serial: str, *, write_cache: bool) -> Any:
    """A new backstore.

    `iblock` writes to the device itself and tells initiators of the cache that the device has. Where no cache at all
    is wanted, and for files, it is `fileio`, which without a cache answers a write when the storage has it.
    """
    sweep()
    if write_cache and configfs.is_block(path):
        return rtslib.BlockStorageObject(_name(target), dev=path, wwn=serial)
    return rtslib.FileIOStorageObject(_name(target), dev=path, size=size_bytes, wwn=serial, write_back=write_cache)


def resize(store: Any, size_bytes: int) -> None:
    """A file's LUN has this size; nobody who is logged in notices before he asks."""
    if store.plugin == "fileio" and not store.is_block and store.size != size_bytes:
        Path(store.path, "control").write_text(f"fd_dev_size={size_bytes}")


def sweep() -> None:
    """Take away what a process that was killed left of a backstore: the empty directory above it.

    The kernel would not mind, but rtslib does not see it, takes its number for free, and then stumbles over it.
    """
    for kind in _KINDS:
        for folder in _CORE.glob(f"{kind}_*"):
            if not any(each.is_dir() for each in folder.iterdir()):
                with suppress(OSError):
                    Path.rmdir(folder)


def _name(target: str) -> str:
    """As Cinder's: the volume's name, without the prefix that the names of targets have."""
    return target.rpartition(":")[2]
