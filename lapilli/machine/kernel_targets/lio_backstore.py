"""The storage behind a target of LIO: `iblock` over a block device, `fileio` over a file. Called under LIO's lock."""

from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from lapilli.machine.kernel_targets import configfs

_CORE: Final = configfs.ROOT / "target" / "core"
_KINDS: Final = {"iblock": "BlockStorageObject", "fileio": "FileIOStorageObject"}
_EMPTY: Final = 2
"""The links of a directory that has none within."""


def find(rtslib: Any, target: str) -> Any:
    """The target's backstore, finished or not; None if there is none."""
    name = _name(target)
    for folder in _folders():
        if Path(folder, name).is_dir():
            kind, _, number = folder.name.rpartition("_")
            return getattr(rtslib, _KINDS[kind])(name, index=number)
    return None


def is_of(store: Any, path: str, serial: str) -> bool:
    """Whether the backstore is finished, and is this volume."""
    return bool(store.is_configured() and store.udev_path == path and store.wwn == serial)


def make(rtslib: Any, target: str, path: str, size_bytes: int, serial: str, *, write_cache: bool) -> Any:
    """A new backstore.

    `iblock` writes to the device itself and tells initiators of the cache that the device has. Where no cache at all
    is wanted, and for files, it is `fileio`, which without a cache answers a write when the storage has it.
    """
    about = {"dev": path, "wwn": serial, "index": _free_number()}
    if write_cache and configfs.is_block(path):
        return rtslib.BlockStorageObject(_name(target), **about)
    return rtslib.FileIOStorageObject(_name(target), size=size_bytes, write_back=write_cache, **about)


def remove(store: Any) -> None:
    """Take the backstore away, of which no LUN of ours is left.

    rtslib would first look for LUNs in all targets. Where the kernel says that somebody has made one, it does.
    """
    try:
        Path(store.path).rmdir()
    except OSError:
        store.delete()
    else:
        Path(store.path).parent.rmdir()


def resize(store: Any, size_bytes: int) -> None:
    """A file's LUN has this size; nobody who is logged in notices before he asks."""
    if store.plugin == "fileio" and not store.is_block and store.size != size_bytes:
        Path(store.path, "control").write_text(f"fd_dev_size={size_bytes}")


def sweep() -> None:
    """Take away what a process that was killed left of a backstore: the empty directory above it."""
    for folder in _folders():
        with suppress(OSError):
            if folder.stat().st_nlink == _EMPTY:
                folder.rmdir()


def _folders() -> list[Path]:
    """The directories of all backstores, such as `iblock_3`: a kind and a number, and one backstore in each."""
    return [each for each in _CORE.iterdir() if each.name.rpartition("_")[0] in _KINDS]


def _free_number() -> int:
    """A number that no directory has. rtslib would look into all of them, and not see the empty ones."""
    taken = {each.name.rpartition("_")[2] for each in _CORE.iterdir()}
    return next(number for number in count() if str(number) not in taken)


def _name(target: str) -> str:
    """As Cinder's: the volume's name, without the prefix that the names of targets have."""
    return target.rpartition(":")[2]
