"""Where the checks of backup stores work."""

from collections.abc import Callable
from dataclasses import dataclass

from lapilli.model.protocols.backups import BackupStore


@dataclass(frozen=True)
class StoreLab:
    """A store for one check, empty at first.

    `start` opens it, as a new process would. `stored` names all that lies in it, half-made things included.
    """

    start: Callable[[], BackupStore]
    stored: Callable[[], set[str]]


Check = Callable[[StoreLab], None]
