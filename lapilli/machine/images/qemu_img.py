"""qemu-img: what a file is to QEMU, and copies between formats."""

import json
from dataclasses import dataclass
from typing import Any, Final

from lapilli.machine.run import run
from lapilli.model.errors import CommandFailed, Malformed

_LONGEST_COPY_S: Final = 24 * 3600.0
# What an image of such a format is made with; the rest is QEMU's choice.
_OPTIONS: Final = {"vmdk": "subformat=streamOptimized", "vpc": "subformat=dynamic,force_size=on"}


@dataclass(frozen=True)
class Limits:
    """What qemu-img may use to look at a file that a stranger made."""

    cpu_s: int = 60
    memory_bytes: int = 2**30


def virtual_size(path: str, qemu_format: str, limits: Limits) -> int:
    """The bytes of the disk in a file. Raises `Malformed` for one that is broken or refers to other files."""
    prlimit = ("prlimit", f"--cpu={limits.cpu_s}", f"--as={limits.memory_bytes}")
    try:
        said = run([*prlimit, "qemu-img", "info", "--output=json", "-f", qemu_format, path], timeout_s=4 * limits.cpu_s)
        about: dict[str, Any] = json.loads(said)
    except (CommandFailed, ValueError) as error:
        raise Malformed(f"The image cannot be read as {qemu_format}.") from error
    specific = about.get("format-specific", {}).get("data", {})
    if "backing-filename" in about or "data-file" in specific:
        raise Malformed("The image is not safe to read: it refers to another file.")
    return int(about["virtual-size"])


def to_raw(path: str, qemu_format: str, target: str) -> None:
    """Put the disk in the file into the file or device `target`, which is at least as large and stays so."""
    # Without -n the target would be made anew, and a volume would shrink to the size of the image.
    run(["qemu-img", "convert", "-n", "-f", qemu_format, "-O", "raw", path, target], timeout_s=_LONGEST_COPY_S)


def from_raw(source: str, qemu_format: str, path: str) -> None:
    """Make the file `path` with the bytes of the file or device `source` as a disk."""
    options = ["-o", _OPTIONS[qemu_format]] if qemu_format in _OPTIONS else []
    run(["qemu-img", "convert", "-f", "raw", "-O", qemu_format, *options, source, path], timeout_s=_LONGEST_COPY_S)
