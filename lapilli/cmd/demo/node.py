"""The storage node of `lapilli demo --kernel`: `lapilli up` with a volume group in a file, and a power cut."""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lapilli.cmd.demo.instance import LAPILLI, Instance
from lapilli.cmd.site_files import image_of
from lapilli.machine.kernel_targets import lio
from lapilli.machine.lvm import loop_group
from lapilli.model.errors import BackendFailed, LapilliError, Unavailable

_SIZE: Final = "8G"


class Node:
    """A storage node with a volume group of its own; only root may have one."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.group = f"lapilli-demo-{os.getpid()}"
        self.data = instance.data

    @contextmanager
    def clean(self) -> Iterator[None]:
        """In the end, whatever happened, the service does not run, and nothing of the node is in the kernel."""
        try:
            yield
        finally:
            self._instance.end()
            with contextlib.suppress(LapilliError):  # what went wrong before is the news
                self._forget()

    def make(self) -> str:
        """Make the volume group, in a file."""
        lapilli("init", "--data", str(self.data), "--lvm-loop", _SIZE, "--volume-group", self.group)
        return f"{self.group}, {_SIZE}"

    def start(self) -> None:
        """Start the service, which brings volume group and targets back. `Unavailable` unless it has LVM and LIO."""
        self._instance.start()
        if f"volume group {self.group}, exported by LIO" not in self._instance.said:
            raise Unavailable(self._instance.said.splitlines()[0])

    def cut_power(self) -> str:
        """End everything as a power cut does: the service, its targets, the volumes' devices, the disk itself."""
        names = self.targets()
        self._instance.kill()
        for name in names:
            lio.remove_target(name)
        loop_group.detach(image_of(self.data), self.group)
        return f"killed; {len(names)} targets, the volume group and its disk are gone from the kernel"

    def volumes(self) -> list[str]:
        """The names of the group's logical volumes, but for its thin pool."""
        return loop_group.volumes(image_of(self.data), self.group)

    def targets(self) -> list[str]:
        """The names of LIO's targets for the group's volumes."""
        ours = self.volumes()
        return [target for target in lio.targets() if target.rpartition(":")[2] in ours]

    def _forget(self) -> None:
        for name in self.targets():
            lio.remove_target(name)
        loop_group.remove(image_of(self.data), self.group)


def lapilli(*words: str, endpoint: str = "") -> str:
    """What `lapilli …` prints. The API that it asks is the one at `endpoint`, whatever this shell's OS_… say."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    argv: Sequence[str] = [*LAPILLI, *words]
    done = subprocess.run(argv, env={**own, "OS_ENDPOINT": endpoint}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackendFailed(f"lapilli {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def size_of(device: str) -> int:
    """How many bytes the kernel takes a block device to have."""
    return int(Path("/sys/class/block", Path(device).resolve().name, "size").read_text()) * 512
