"""Which ports and hosts of nvmet are ours: those that we made. Others are used as they are, and never taken away.

configfs has no place for such a note, so it is an empty folder in /run, which is lost when nvmet's configuration is:
when the machine starts again. Called under nvmet's lock.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

_NOTES: Final = Path("/run/lapilli-nvmet")


def make(folder: Path) -> None:
    """Have this port or host; where it was not there, it is ours from now on."""
    if not folder.is_dir():
        # The note comes first: what a killed process made without one would stay for ever.
        _note(folder).mkdir(parents=True, exist_ok=True)
        folder.mkdir()


def is_ours(folder: Path) -> bool:
    """Whether we made it."""
    return _note(folder).is_dir()


def sweep(kind: Path) -> None:
    """Take away those of ours in `kind` (nvmet's folder of ports, or of hosts) that no subsystem needs."""
    for note in (_NOTES / kind.name).glob("*"):
        folder = kind / note.name
        with suppress(OSError):  # the kernel refuses while something is linked
            if folder.is_dir():
                folder.rmdir()
            note.rmdir()


def _note(folder: Path) -> Path:
    return _NOTES / folder.parent.name / folder.name
