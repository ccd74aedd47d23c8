"""LVM's complaints become sentences that say what to do. The complaints are those of LVM 2.03.16."""

import pytest

from lapilli.machine.lvm.faults import explained
from lapilli.model.errors import BackendFailed, CommandFailed


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ('  Volume group "storage" not found\n  Cannot process volume group storage\n', "vgcreate storage DEVICE"),
        ('  Volume group "storage" has insufficient free space (6909 extents): 25600 required.', "25600 extents"),
        (
            "  Insufficient free space: 7168 extents needed, but only 2046 available",
            "7168 extents are needed, and 2046",
        ),
        ("  Insufficient suitable allocatable extents for logical volume x: 52 more required", "disk of its own"),
        ("  Logical volume storage/volume-a in use.", "storage/volume-a is in use"),
        ("  Logical volume storage/volume-a contains a filesystem in use.", "volume-a is in use"),
        ("  Snapshot origin volumes can be resized only while inactive: try lvchange -an.", "while nobody uses it"),
        ("  Pool storage-pool not found in Volume group storage.", "no thin pool storage-pool"),
        ("  Cannot create new thin volume, free space in thin pool storage/p reached threshold.", "nearly full"),
        ("  Free space in pool storage/p reached threshold", "nearly full"),
        ("setpriv: failed to execute lvs: No such file or directory", "no program lvs"),
        ("env: 'lvs': No such file or directory", "no program lvs"),
        ("  /usr/sbin/thin_check: execvp failed: No such file or directory", "thin-provisioning-tools"),
        ("  thin-pool: Required device-mapper target(s) not detected in your kernel.", "modprobe dm-thin-pool"),
        ("  /dev/mapper/control: open failed: Operation not permitted\n  Is device-mapper driver missing", "dm-mod"),
        ("  Check of pool storage/p failed (status:1). Manual repair required!", "lvconvert --repair"),
    ],
)
def test_known_complaints(complaint: str, sentence: str) -> None:
    """The sentence is there, and then what LVM said."""
    error = explained("storage", CommandFailed(["lvs"], 5, complaint))
    assert isinstance(error, BackendFailed)
    assert sentence in str(error)
    assert complaint.strip().splitlines()[0] in str(error)


def test_unknown_complaints() -> None:
    """What nobody has foreseen is told with the command, without the warnings around it."""
    said = "  WARNING: Sum of all thin volume sizes exceeds the size\n  Something else is wrong.\n"
    error = explained("storage", CommandFailed(["lvcreate", "--size", "1g"], 5, said))
    assert "lvcreate --size 1g" in str(error)
    assert "Something else is wrong." in str(error)
    assert "WARNING" not in str(error)
    assert str(explained("storage", CommandFailed(["lvs"], 5, ""))).endswith("nothing")


def test_programs_that_did_not_end() -> None:
    """No word of LVM explains them: they are told as they are."""
    error = CommandFailed(["lvs"], None, "not done after 600 s")
    assert explained("storage", error) is error
