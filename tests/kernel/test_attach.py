"""`lapilli attach` and `detach` with the kernel's initiator against `lapilli up`: mounted, cut off, killed anywhere."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.host import attached
from tests.kernel.attaching import Service, assert_nothing_is_left, devices, node_records, sessions, start_of
from tests.kernel.machine import Initiator, run, wait_for

TGT = "[DEFAULT]\nenabled_backends = directory\n"


@pytest.fixture
def service(tmp_path: Path, initiator: Initiator) -> Iterator[Service]:
    """With files and tgt, which run everywhere."""
    running = Service(tmp_path, TGT)
    running.create()
    yield running
    running.end()


def test_a_volume_is_a_device_until_it_is_detached(service: Service, tmp_path: Path) -> None:
    """A second call of each finds what the first one did; the list shows it."""
    place = tmp_path / "mounted"
    place.mkdir()
    first = service.lapilli("attach", "--no-multipath", "v")
    assert first.returncode == 0, first.stderr
    device = first.stdout.strip()
    assert Path(device).is_block_device()
    without = service.lapilli("attach", "--mountpoint", str(place), "v")
    assert without.returncode == 1
    assert f"has no file system: make one, as with `mkfs.ext4 {device}`, and attach again" in without.stderr
    run("mkfs.ext4", "-q", device)
    again = service.lapilli("attach", "--mountpoint", str(place), "v")
    assert (again.returncode, again.stdout.strip()) == (0, device), again.stderr
    assert "It has 1073741824 bytes (1 GiB)." in again.stderr
    (place / "file").write_text("kept")
    listed = service.lapilli("attach", "--list").stdout.splitlines()[1].split()
    assert listed == ["v", service.volume["id"], device, str(place)]
    assert service.volume["status"] == "in-use"
    assert service.lapilli("detach", "v").returncode == 0
    assert not place.is_mount()
    assert_nothing_is_left(service)
    assert "is not attached to this machine" in service.lapilli("detach", "v").stdout
    assert service.lapilli("attach", "--mountpoint", str(place), "v").returncode == 0
    assert (place / "file").read_text() == "kept"
    assert service.lapilli("detach", "v").returncode == 0


def test_what_the_operator_mounted_is_in_the_way_of_detach(service: Service, tmp_path: Path) -> None:
    """Whatever is mounted by others is theirs to unmount, and nothing is taken away before."""
    place = tmp_path / "mounted"
    place.mkdir()
    device = service.lapilli("attach", "v").stdout.strip()
    run("mkfs.ext4", "-q", device)
    run("mount", device, str(place))
    refused = service.lapilli("detach", "v")
    assert refused.returncode == 1
    assert f"{device} is mounted at {place}: unmount it first" in refused.stderr
    (place / "file").write_text("still here")
    run("umount", str(place))
    assert service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(service)


def test_a_volume_that_somebody_else_has_detached_leaves_nothing(service: Service) -> None:
    """Its target is gone with its session: what this machine remembers is enough, also where the volume is gone."""
    assert service.lapilli("attach", "v").returncode == 0
    assert devices()
    (attachment,) = service.attachments
    service.ask("DELETE", f"/attachments/{attachment['id']}")
    assert service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(service)
    assert service.lapilli("attach", "v").returncode == 0
    (attachment,) = service.attachments
    service.ask("DELETE", f"/attachments/{attachment['id']}")
    again = service.lapilli("attach", "v")  # as another attachment, with another session
    assert again.returncode == 0, again.stderr
    assert start_of(again.stdout.strip()) == bytes(512)
    (attachment,) = service.attachments
    service.ask("DELETE", f"/attachments/{attachment['id']}")
    service.ask("DELETE", f"/volumes/{service.volume['id']}")
    wait_for(lambda: not service.ask("GET", "/volumes")["volumes"])
    assert service.lapilli("detach", "v").returncode == 0
    assert (sessions(), node_records(), attached.read_all()) == ([], [], [])


def test_paths_are_one_device_where_multipathd_runs(service: Service, multipathd: None) -> None:
    """And none of it is left."""
    first = service.lapilli("attach", "v")
    assert first.returncode == 0, first.stderr
    assert "mpath" in Path("/sys/class/block", Path(first.stdout.strip()).name, "dm/uuid").read_text()
    other = service.lapilli("attach", "--no-multipath", "v")
    assert other.returncode == 1
    assert "is attached with multipath" in other.stderr
    assert service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(service)


def test_multipath_without_its_daemon_is_refused(service: Service) -> None:
    """Before anything is reserved."""
    refused = service.lapilli("attach", "--multipath", "v")
    assert refused.returncode == 1
    assert "multipathd does not run" in refused.stderr
    assert_nothing_is_left(service)


@pytest.fixture
def multipathd() -> Iterator[None]:
    daemon = subprocess.Popen(["multipathd", "-d"], start_new_session=True, stdout=subprocess.DEVNULL)
    wait_for(lambda: "multipathd" in Path("/proc/net/unix").read_text())
    yield
    daemon.terminate()
    daemon.wait()


NVMET = """
[DEFAULT]
enabled_backends = directory
[directory]
target_helper = nvmet
target_protocol = nvmet_tcp
target_prefix = nqn.2010-10.org.openstack:
target_port = 4420
"""


def test_nvme_over_tcp_likewise(tmp_path: Path, initiator: Initiator) -> None:
    """A controller whose subsystem is gone is taken away, too."""
    service = Service(tmp_path, NVMET)
    controllers = Path("/sys/class/nvme-fabrics/ctl")
    try:
        service.create()
        first = service.lapilli("attach", "v")
        assert first.returncode == 0, first.stderr
        assert start_of(first.stdout.strip()) == bytes(512)
        again = service.lapilli("attach", "v")
        assert (again.stdout, "1 GiB" in again.stderr) == (first.stdout, True), again.stderr
        assert service.lapilli("detach", "v").returncode == 0
        assert list(controllers.glob("nvme*")) == []
        assert_nothing_is_left(service)
        assert service.lapilli("attach", "v").returncode == 0
        (attachment,) = service.attachments
        service.ask("DELETE", f"/attachments/{attachment['id']}")
        assert service.lapilli("detach", "v").returncode == 0
        assert list(controllers.glob("nvme*")) == []
        assert_nothing_is_left(service)
    finally:
        service.end()


def test_a_call_that_was_killed_is_finished_by_the_next_or_undone(service: Service) -> None:
    """`attach` before each program and each request from the first reservation on, then `detach` likewise."""
    at = 1
    more = True
    while more:
        more = service.killed(at, "attach", "v")
        if at % 2:  # the others are undone as they are
            finished = service.lapilli("attach", "v")
            assert finished.returncode == 0, (at, finished.stderr)
            assert start_of(finished.stdout.strip()) == bytes(512)
            more = service.killed(at, "detach", "v") or more
        undone = service.lapilli("detach", "v")
        assert undone.returncode == 0, (at, undone.stderr)
        assert_nothing_is_left(service)
        at += 1
    assert at > 10, "it was hardly ever killed"
