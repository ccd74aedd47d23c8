"""What lies where in the data directory of `lapilli up`."""

import os
from pathlib import Path


def default_data() -> Path:
    """Where the data of `lapilli up` lies, unless somebody says otherwise."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "lapilli"


def config_of(data: Path) -> Path:
    """The configuration that `lapilli up` reads when it is given no other."""
    return data / "lapilli.conf"


def image_of(data: Path) -> Path:
    """The file with the volume group that `lapilli init --lvm-loop` makes."""
    return data / "volume-group.img"
