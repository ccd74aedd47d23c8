"""LVM's logical volumes, changed step by step: each function here is one step, and needs root.

A group is one of those that this process serves (`command.serve`), and a volume's name is that of a logical volume
within it. What LVM does in one command it does wholly or not at all; but for a copy-on-write snapshot, which is a plain
volume at first: the tag `MADE` tells what was made here.
"""

import re
from typing import Final

from lapilli.machine.lvm.command import lvm, report
from lapilli.machine.privileged.mark import privileged
from lapilli.model.errors import Malformed

MADE: Final = "lapilli"
"""The tag of what was made here."""
HALF: Final = "lapilli.half"
"""The tag of a volume that has not got all its bytes yet."""

_LARGEST_BYTES: Final = 2**60
_MOST_MIRRORS: Final = 9
_NAME: Final = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_+.-]{0,99}")
# LVM keeps these for what it makes itself.
_KEPT: Final = re.compile(
    r"^(snapshot|pvmove)|_(cdata|cmeta|corig|cpool|cvol|iorig|imeta|mlog|mimage|pmspare|rimage|rmeta|tdata|tmeta|"
    r"vdata|vorigin|wcorig)"
)
_GROUP_FIELDS: Final = ("vg_name", "vg_uuid", "vg_size", "vg_free", "vg_extent_size", "lv_count")
_VOLUME_FIELDS: Final = (
    "lv_name",
    "lv_uuid",
    "lv_size",
    "lv_layout",
    "lv_role",
    "lv_tags",
    "lv_active",
    "lv_device_open",
    "lv_suspended",
    "lv_health_status",
    "lv_snapshot_invalid",
    "origin",
    "origin_size",
    "pool_lv",
    "data_percent",
    "metadata_percent",
)


@privileged
def read_group(group: str) -> dict[str, str]:
    """The size and the free space of the group: `vgs`'s fields; `BackendFailed` if it is not there."""
    return report(group, "vgs", "vg", _GROUP_FIELDS)[0]


@privileged
def read_volumes(group: str) -> list[dict[str, str]]:
    """The group's volumes and thin pools, as `lvs`'s fields; not those that LVM hides."""
    return report(group, "lvs", "lv", _VOLUME_FIELDS)


@privileged
def create_pool(group: str, pool: str) -> None:
    """Make a thin pool of nearly all that is free: a twentieth is left for its metadata to grow."""
    lvm(group, "lvcreate", "--yes", "--type", "thin-pool", "--name", check_name(pool), "--extents", "95%FREE", group)


@privileged
def create_thin(group: str, name: str, size_bytes: int, pool: str, *, is_half: bool = False) -> None:
    """Make an empty volume of the thin pool."""
    size = ("--virtualsize", _size(size_bytes), "--thinpool", check_name(pool))
    lvm(group, "lvcreate", "--yes", *_tags(is_half), "--name", check_name(name), *size, group)


@privileged
def create_thick(group: str, name: str, size_bytes: int, mirrors: int, *, is_half: bool = False) -> None:
    """Make a volume with all its space, kept once more for each of `mirrors`. Signatures of others are wiped off."""
    if not 0 <= mirrors <= _MOST_MIRRORS:
        raise Malformed(f"{mirrors} mirrors are not possible: it is a number from 0 to {_MOST_MIRRORS}.")
    # What nobody has written may differ between new copies; to make it equal would take as long as writing it all.
    copies = ("--type", "raid1", "--mirrors", str(mirrors), "--nosync") if mirrors else ()
    new = ("--wipesignatures", "y", "--zero", "y", *copies, "--name", check_name(name), "--size", _size(size_bytes))
    lvm(group, "lvcreate", "--yes", *_tags(is_half), *new, group)


@privileged
def create_thin_snapshot(group: str, name: str, origin: str) -> None:
    """Make a thin volume with the present bytes of another one."""
    new = ("--snapshot", "--setactivationskip", "n", "--activate", "y", "--name", check_name(name))
    lvm(group, "lvcreate", "--yes", *_tags(), *new, f"{group}/{check_name(origin)}")


@privileged
def create_cow_snapshot(group: str, name: str, origin: str, size_bytes: int) -> None:
    """Keep the present bytes of a thick volume. `size_bytes` is the room for what is overwritten from now on."""
    # In per cent of the origin it would be given, without a word, as much as there is.
    room = ("--chunksize", "4k", "--size", _size(size_bytes))
    new = ("--snapshot", *room, "--name", check_name(name))
    lvm(group, "lvcreate", "--yes", *_tags(), *new, f"{group}/{check_name(origin)}")


@privileged
def complete(group: str, name: str) -> None:
    """The volume has got all its bytes."""
    lvm(group, "lvchange", "--deltag", HALF, f"{group}/{check_name(name)}")


@privileged
def split_snapshot(group: str, name: str) -> None:
    """Part a copy-on-write snapshot from its origin: what it has kept becomes a plain volume of the same name."""
    lvm(group, "lvconvert", "--yes", "--splitsnapshot", f"{group}/{check_name(name)}")


@privileged
def extend(group: str, name: str, size_bytes: int) -> None:
    """Make the volume larger; it may be in use. What is as large already is an error."""
    lvm(group, "lvextend", "--size", _size(size_bytes), f"{group}/{check_name(name)}")


@privileged
def rename(group: str, name: str, new_name: str) -> None:
    """Call the volume by a name that is free."""
    lvm(group, "lvrename", group, check_name(name), check_name(new_name))


@privileged
def activate(group: str, names: list[str]) -> None:
    """Make the kernel know the volumes, and end the suspension of those that a killed program left so."""
    lvm(group, "lvchange", "--yes", "--activate", "y", "--ignoreactivationskip", *_paths(group, names))


@privileged
def deactivate(group: str, names: list[str]) -> None:
    """Make the kernel forget the volumes, and with an origin its snapshots; `BackendFailed` while they are in use."""
    lvm(group, "lvchange", "--yes", "--activate", "n", *_paths(group, names))


@privileged
def remove(group: str, name: str) -> None:
    """Make the volume not exist, and what it held with it; `BackendFailed` while it is in use."""
    lvm(group, "lvremove", "--force", "--yes", f"{group}/{check_name(name)}")


def check_name(name: str) -> str:
    """The name, if a logical volume may have it; else `Malformed`."""
    if not _NAME.fullmatch(name) or _KEPT.search(name):
        raise Malformed(
            f"{name!r} cannot name a logical volume: up to 100 letters, digits and _ + . - are, of which . and - are "
            "not the first; LVM keeps names such as snapshot…, pvmove… and …_tdata for itself."
        )
    return name


def _size(size_bytes: int) -> str:
    if not 0 < size_bytes <= _LARGEST_BYTES or size_bytes % 512:
        raise Malformed(f"A logical volume cannot have {size_bytes} bytes.")
    return f"{size_bytes}b"


def _paths(group: str, names: list[str]) -> list[str]:
    if not names:
        raise Malformed("No logical volume is named.")
    return [f"{group}/{check_name(name)}" for name in names]


def _tags(is_half: bool = False) -> list[str]:
    return ["--addtag", MADE, *(["--addtag", HALF] if is_half else [])]
