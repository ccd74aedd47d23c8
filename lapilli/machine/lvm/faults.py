"""What LVM's programs complain of, as sentences that say what to do."""

import re
from typing import Final, NamedTuple

from lapilli.model.errors import BackendFailed, CommandFailed, LapilliError


class _Fault(NamedTuple):
    """A complaint, and what it means. The pattern's groups stand in the sentence, and the volume group as `group`."""

    pattern: str
    sentence: str


_NO_ROOM: Final = (
    "The volume group {group} has no room: {wanted} extents are needed, and {free} are free. Delete something, or add "
    "a disk with `vgextend {group} DEVICE`."
)

# Looked for in this order: the first that is found explains the rest.
_FAULTS: Final = (
    _Fault(
        r"failed to execute (?P<program>\w+)|env: \W?(?P<tool>\w+)\W?: No such file",
        "There is no program {program}{tool}: install LVM's tools (package lvm2).",
    ),
    _Fault(
        r"(?P<program>/\S+): execvp failed",
        "{program} is missing: install the package thin-provisioning-tools, with which thin pools are checked.",
    ),
    _Fault(
        r"Is device-mapper driver missing|/dev/mapper/control: .*failed",
        "The kernel of this machine has no device-mapper: `modprobe dm-mod`, or use another driver here.",
    ),
    _Fault(
        r"(?P<target>[\w-]+): Required device-mapper target\(s\) not detected in your kernel",
        "The kernel of this machine does not know `{target}`: load its module (`modprobe dm-{target}`).",
    ),
    _Fault(
        r'Volume group "?[^"\s]+"? not found',
        "There is no volume group {group} that LVM sees here. Make it with `vgcreate {group} DEVICE`, name another as "
        "volume_group, or look whether its disks are there (`pvs`). Groups on logical volumes are not searched.",
    ),
    _Fault(
        r"has insufficient free space \((?P<free>\d+) extents\): (?P<wanted>\d+) required",
        _NO_ROOM,
    ),
    _Fault(
        r"Insufficient free space: (?P<wanted>\d+) extents needed, but only (?P<free>\d+) available",
        _NO_ROOM,
    ),
    _Fault(
        r"[Ii]nsufficient (suitable |allocatable |free )",
        "The volume group {group} has not enough room on its disks: delete something, or add one with "
        "`vgextend {group} DEVICE`. Each copy of a mirrored volume needs a disk of its own.",
    ),
    _Fault(
        r"[Ff]ree space in (thin )?pool \S+ reached threshold|[Mm]etadata.*(too low|full|out of)|"
        r"[Cc]annot create new thin volume",
        "The thin pool of {group} is nearly full, its data or its metadata. Delete something, or enlarge it with "
        "`lvextend --size` or `lvextend --poolmetadatasize`.",
    ),
    _Fault(
        r"Pool (?P<pool>\S+) not found in Volume group",
        "The volume group {group} has no thin pool {pool}. It is made when the service starts; see its log.",
    ),
    _Fault(
        r"origin volumes can be resized only while inactive",
        "A thick volume that has snapshots can grow only while nobody uses it: detach it, or delete its snapshots.",
    ),
    _Fault(
        r"(?P<volume>\S+) (is )?(in use|used by another device)|(?P<mounted>\S+) contains a filesystem in use",
        "{volume}{mounted} is in use on this machine: look with `lsblk` and `fuser` who has it open, and detach it.",
    ),
    _Fault(
        r"needs_check|Check of pool|(Manual|manual) repair",
        "The thin pool of {group} has to be repaired with `lvconvert --repair`; see lvmthin(7).",
    ),
)


def explained(group: str, error: CommandFailed) -> LapilliError:
    """The error as a sentence, with what the program said. A program that did not end is told of as it is."""
    if error.exit_code is None:
        return error
    said = _told(error.stderr)
    for fault in _FAULTS:
        if found := re.search(fault.pattern, error.stderr):
            words = {name: word or "" for name, word in found.groupdict().items()}
            return BackendFailed(f"{fault.sentence.format(group=group, **words)} LVM says: {said}")
    return BackendFailed(f"LVM did not do its work on {group} ({' '.join(error.argv)}): {said}")


def _told(stderr: str) -> str:
    """The lines that say something of the fault."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    faults = [line for line in lines if not line.startswith(("WARNING:", "File descriptor "))]
    return " ".join(faults or lines)[:500] or "nothing"
