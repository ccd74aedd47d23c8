"""`lapilli demo --kernel`: the nine steps and what follows, each compared with what was written."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.host import attached
from lapilli.machine.kernel_targets import lio
from tests.kernel.machine import Initiator, run
from tests.unit.cmd.programs import LAPILLI

STEPS = (
    "The service starts, and picks LVM and LIO",
    "4 The driver made a logical volume",
    "9 The volume is in use",
    "A snapshot is made, while files are written",
    "The clone has the bytes of then",
    "The host looks again, and sees 2 GiB",
    "The file has the bytes of the snapshot",
    "The storage node loses its power, while the volume is mounted",
    "More is written, and on the disk",
    "The volumes are deleted, their space is wiped",
)


@pytest.fixture
def roomy(tmp_path: Path) -> Iterator[Path]:
    """A directory on a disk: the guest's memory is small."""
    run("mkfs.ext4", "-q", "-F", "/dev/ubdb")
    run("mount", "/dev/ubdb", str(tmp_path))
    yield tmp_path
    run("umount", str(tmp_path))
    run("wipefs", "--all", "/dev/ubdb")


def test_every_step_is_gone_and_nothing_is_left(roomy: Path, initiator: Initiator) -> None:
    """Neither groups, targets, sessions, nor records, loop devices or files."""
    argv = [*LAPILLI, "demo", "--kernel", "--size", "8"]
    environment = {**os.environ, "TMPDIR": str(roomy)}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if line[:6].strip().replace(".", "").isdigit()]
    assert [step for step in STEPS if not any(line.endswith(step) for line in told)] == []
    assert "Everything read is what was written" in done.stdout
    assert (run("vgs", "--noheadings"), run("losetup", "-a"), lio.targets(), attached.read_all()) == ("", "", [], [])
    assert list(Path("/sys/class/iscsi_session").glob("session*")) == []
    assert [each.name for each in roomy.iterdir()] == ["lost+found"]
