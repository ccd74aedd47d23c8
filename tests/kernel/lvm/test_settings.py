"""Settings that only say how LVM's own programs are run."""

import os
import subprocess
from pathlib import Path

import pytest

from lapilli.machine.lvm import command
from lapilli.model.errors import BackendFailed
from tests.kernel.lvm_lab import driver_of, volumes


def test_a_conf_file_is_obeyed(group: str, tmp_path: Path) -> None:
    """What it says holds for the backend that names it, and for no other; a file that is not there says nothing."""
    conf_file = tmp_path / "lvm.conf"
    driver_of(group, lvm_conf_file=str(conf_file), lvm_type="default").check()
    conf_file.write_text('devices { filter = [ "r|.*|" ] }\n')
    driver_of(group, lvm_conf_file=None, lvm_type="default").create_volume("volume-a", 1, "here")
    with pytest.raises(BackendFailed, match="no volume group"):
        driver_of(group, lvm_conf_file=str(conf_file)).check()
    conf_file.write_text("allocation { wipe_signatures_when_zeroing_new_lvs = 0 }\n")
    driver_of(group, lvm_conf_file=str(conf_file), lvm_type="default").create_volume("volume-b", 1, "here")
    assert set(volumes(group)) == {"volume-a", "volume-b"}
    conf_file.chmod(0o666)
    with pytest.raises(BackendFailed, match="changed by others than root"):
        driver_of(group, lvm_conf_file=str(conf_file)).report()


@pytest.mark.parametrize("hides", [False, True])
def test_warnings_of_open_files_are_hidden(group: str, hides: bool) -> None:
    """LVM tells of each file that it was given open, unless it is told not to."""
    driver_of(group, lvm_suppress_fd_warnings=hides, lvm_conf_file=None)
    environment = command._environment(command._served[group])
    with Path("/dev/null").open() as file:
        words = [*environment, "vgs", group]
        done = subprocess.run(words, pass_fds=[file.fileno()], capture_output=True, text=True, check=True)
    assert ("leaked" in done.stderr) is not hides
    assert os.environ.get("LVM_SUPPRESS_FD_WARNINGS") is None
