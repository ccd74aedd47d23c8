"""What a process of root's may obey: files that nobody but root can change."""

import stat
from pathlib import Path
from typing import Final

from lapilli.model.errors import Malformed

_OTHERS_MAY_WRITE: Final = 0o022


def owned_by_root(path: Path, what_it_says: str = "which volume groups may be touched") -> Path:
    """The real path of the file; `Malformed` if others may write or replace it: who does says what is done as root."""
    try:
        path = path.resolve(strict=True)
        about = {each: each.stat() for each in (path, *path.parents)}
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}") from error
    for each, found in about.items():
        # In a directory with the sticky bit, such as /tmp, nobody but root replaces what is root's.
        others_may_write = found.st_mode & _OTHERS_MAY_WRITE and not found.st_mode & stat.S_ISVTX
        if found.st_uid != 0 or others_may_write:
            raise Malformed(
                f"{each} can be changed by others than root, but {path} says {what_it_says}: "
                f"chown root {each}; chmod go-w {each}"
            )
    return path
