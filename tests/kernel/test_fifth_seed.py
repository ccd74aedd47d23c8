"""The fifth seed: a volume's way from the API to a disk of a host and back, on thick volumes and on thin ones.

The host is the guest itself with the kernel's initiator. What was written is there, unchanged, after every stage.
"""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kernel.machine import Initiator, forget_targets, lvs, run, volume_group, wait_for
from tests.system.service import Service, served

GIB = 2**30
MIB = 2**20
FILE_MIB = 48
TARGETS = Path("/sys/kernel/config/target/iscsi")
IQN = "iqn.2010-10.org.openstack:volume-"
CONFIGURATION = """\
[DEFAULT]
host = node
enabled_backends = lvm
[lvm]
volume_group = storage
lvm_type = {kind}
target_helper = lioadm
target_ip_address = 127.0.0.1
"""


class Walk:
    """The service, the volume `data` on its way, and the file on it that has to stay as it is."""

    def __init__(self, kind: str, service: Service, folder: Path) -> None:
        self.kind = kind
        self.service = service
        self.folder = folder
        self.volume = ""
        self.device = ""
        self.sum = ""
        self.snapshots: list[str] = []

    @property
    def target(self) -> Path:
        return TARGETS / f"{IQN}{self.volume}"

    def lapilli(self, *words: str) -> str:
        """What a command of this machine prints."""
        done = self.service.command(*words)
        assert done.returncode == 0, f"{done.stderr}\n{self.service.said()}"
        return done.stdout.strip()

    def attach(self) -> None:
        self.device = self.lapilli("attach", "data")

    def mount(self) -> None:
        run("mount", self.device, str(self.folder))

    def unmount(self) -> None:
        run("umount", str(self.folder))

    def checked(self) -> None:
        """The file is as it was, on the disk and not in this kernel's memory."""
        assert self.sum_of(self.folder) == self.sum

    @staticmethod
    def sum_of(folder: Path) -> str:
        run("sync")
        Path("/proc/sys/vm/drop_caches").write_text("3")
        return hashlib.sha256((folder / "kept").read_bytes()).hexdigest()

    def snapshot(self, name: str) -> None:
        wish = {"volume_id": self.volume, "name": name, "force": True}
        made = self.service.ask("POST", "/snapshots", {"snapshot": wish})["snapshot"]["id"]
        self.snapshots.append(self.service.settled("snapshot", made))

    def has_the_file(self, copy: str) -> None:
        """The volume, which is called `copy`, has the file; it is deleted again."""
        other = self.folder.with_name("copy")
        other.mkdir(exist_ok=True)
        device = self.lapilli("attach", "copy")
        run("mount", device, str(other))
        assert self.sum_of(other) == self.sum
        run("umount", str(other))
        self.lapilli("detach", "copy")
        self.delete("volume", copy)

    def delete(self, kind: str, id: str) -> None:
        self.service.ask("DELETE", f"/{kind}s/{id}")
        wait_for(lambda: self.service.send("GET", f"/{kind}s/{id}").status == 404)


@pytest.fixture(scope="module", params=["default", "thin"])
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("walk")
    (folder / "mnt").mkdir()
    configuration = CONFIGURATION.format(kind=request.param)
    with (
        volume_group("storage", "/dev/ubda"),
        served(folder, configuration) as service,
        Initiator.started(),
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("OS_AUTH_TYPE", "none")
        environment.setenv("OS_ENDPOINT", service.endpoint)
        yield Walk(request.param, service, folder / "mnt")
        subprocess.run(["umount", "--all-targets", folder / "mnt"], check=False, capture_output=True)


def create(walk: Walk) -> None:
    walk.volume = walk.service.volume(1, name="data")
    assert lvs("storage")[f"volume-{walk.volume}"]["lv_size"] == str(GIB)


def attach(walk: Walk) -> None:
    walk.attach()
    assert walk.target.is_dir()
    assert walk.device.startswith("/dev/sd")


def write(walk: Walk) -> None:
    run("mkfs.ext4", "-q", walk.device)
    walk.mount()
    content = os.urandom(FILE_MIB * MIB)
    (walk.folder / "kept").write_bytes(content)
    walk.sum = hashlib.sha256(content).hexdigest()
    walk.checked()


def snapshot_under_load(walk: Walk) -> None:
    endless = f"while :; do dd if=/dev/urandom of={walk.folder}/load bs=64k count=256 conv=fsync; done"
    load = subprocess.Popen(["sh", "-c", endless], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for((walk.folder / "load").exists)
        walk.snapshot("under load")
    finally:
        os.killpg(load.pid, 9)
        load.wait()
    walk.checked()
    walk.has_the_file(walk.service.volume(1, name="copy", snapshot_id=walk.snapshots[0]))
    if walk.kind == "default":
        # LVM grows a thick volume that has snapshots only while nobody has it open.
        walk.delete("snapshot", walk.snapshots.pop())


def extend_while_attached(walk: Walk) -> None:
    walk.service.ask("POST", f"/volumes/{walk.volume}/action", {"os-extend": {"new_size": 2}})
    walk.service.settled("volume", walk.volume, "in-use")
    walk.attach()  # a second time: this sees the new size
    assert run("blockdev", "--getsize64", walk.device).strip() == str(2 * GIB)
    run("resize2fs", walk.device)
    assert os.statvfs(walk.folder).f_blocks * os.statvfs(walk.folder).f_frsize > 1.8 * GIB
    walk.checked()


def clone(walk: Walk) -> None:
    run("fsfreeze", "--freeze", str(walk.folder))
    try:
        copy = walk.service.volume(2, name="copy", source_volid=walk.volume)
    finally:
        run("fsfreeze", "--unfreeze", str(walk.folder))
    walk.has_the_file(copy)
    walk.checked()


def detach(walk: Walk) -> None:
    walk.snapshot("before the mistake")
    (walk.folder / "kept").write_bytes(b"a mistake")
    walk.unmount()
    walk.lapilli("detach", "data")
    assert not walk.target.exists()
    assert not Path(walk.device).exists()
    assert not list(Path("/sys/class/iscsi_session").iterdir())


def revert(walk: Walk) -> None:
    wish = {"revert": {"snapshot_id": walk.snapshots[-1]}}
    walk.service.ask("POST", f"/volumes/{walk.volume}/action", wish)
    walk.service.settled("volume", walk.volume)
    walk.attach()
    walk.mount()
    walk.checked()


def reboot_of_the_storage_node(walk: Walk) -> None:
    """The host keeps its file system mounted, and only waits; a file written meanwhile arrives."""
    walk.service.kill()
    forget_targets()
    # Of itself it would read the host's disk, too, whose target has gone.
    run("vgchange", "--devices", "/dev/ubda", "--activate", "n", "storage")
    assert not Path("/dev/storage").exists()
    walk.service.start()
    wait_for(walk.target.is_dir)
    (walk.folder / "after").write_bytes(b"after the reboot")
    walk.checked()
    walk.unmount()
    walk.mount()
    assert (walk.folder / "after").read_bytes() == b"after the reboot"


def delete(walk: Walk) -> None:
    walk.unmount()
    walk.lapilli("detach", "data")
    for snapshot in reversed(walk.snapshots):
        walk.delete("snapshot", snapshot)
    walk.delete("volume", walk.volume)
    wait_for(lambda: not lvs("storage").keys() - {"storage-pool"})
    assert not list(TARGETS.glob(f"{IQN}*"))


STAGES = [
    create,
    attach,
    write,
    snapshot_under_load,
    extend_while_attached,
    clone,
    detach,
    revert,
    reboot_of_the_storage_node,
    delete,
]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_stage(stage: Callable[[Walk], None], walk: Walk) -> None:
    """Each stage goes on from the one before."""
    stage(walk)
