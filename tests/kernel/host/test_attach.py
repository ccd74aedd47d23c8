"""`lapilli attach` and `detach` with the kernel's initiator: mounted, in the operator's use, cut off by others."""

import os
import subprocess
from pathlib import Path

import pytest

from lapilli.cmd.site_files import image_of
from lapilli.machine.lvm import loop_group
from tests.kernel.host.looks import assert_nothing_is_here, assert_nothing_is_left, paths, start_of
from tests.kernel.host.service import GROUP, Service, Volume
from tests.kernel.machine import run

CONTENT = os.urandom(2**20)
# Nothing on this machine may wait for a volume that is gone; what waits at all does so for minutes.
_AT_ONCE_S = 60


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory to mount at."""
    made = tmp_path / "mounted"
    made.mkdir()
    return made


def mounted(volume: Volume, place: Path) -> str:
    """Its device; the volume is attached with a file system at `place`."""
    device = volume.service.lapilli("attach", "--no-multipath", "v").stdout.strip()
    run("mkfs.ext4", "-q", device)
    done = volume.service.lapilli("attach", "--mountpoint", str(place), "v")
    assert done.returncode == 0, done.stderr
    return device


def walk(volume: Volume, place: Path) -> None:
    """Attach, make a file system, write, detach, attach: the bytes are the same; a second call finds all done."""
    lapilli = volume.service.lapilli
    first = lapilli("attach", "--no-multipath", "v")
    assert first.returncode == 0, first.stderr
    device = first.stdout.strip()
    without = lapilli("attach", "--mountpoint", str(place), "v")
    assert without.returncode == 1
    assert f"has no file system: make one, as with `mkfs.ext4 {device}`, and attach again" in without.stderr
    run("mkfs.ext4", "-q", device)
    again = lapilli("attach", "--mountpoint", str(place), "v")
    assert (again.returncode, again.stdout.strip()) == (0, device), again.stderr
    assert "It has 1073741824 bytes (1 GiB)." in again.stderr
    (place / "file").write_bytes(CONTENT)
    assert lapilli("attach", "--list").stdout.splitlines()[1].split() == ["v", volume.id, device, str(place)]
    assert volume.status == "in-use"
    done = lapilli("detach", "v")
    assert done.returncode == 0, done.stderr
    assert_nothing_is_left(volume)
    assert "is not attached to this machine" in lapilli("detach", "v").stdout
    back = lapilli("attach", "--mountpoint", str(place), "v")
    assert back.returncode == 0, back.stderr
    assert (place / "file").read_bytes() == CONTENT
    assert lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(volume)


def test_the_whole_way_with_lvm_and_lio(service: Service, volume: Volume, place: Path) -> None:
    """`lapilli up` has picked them."""
    assert f"volume group {GROUP}, exported by LIO" in service.said
    assert loop_group.volumes(image_of(service.data), GROUP) == [f"volume-{volume.id}"]
    walk(volume, place)


@pytest.mark.parametrize("kind", ["tgt", "nvme"])
def test_the_whole_way_with_another_target(kind: str, files: Service, place: Path) -> None:
    """tgt, which runs everywhere; and NVMe over TCP."""
    with files.volume(kind) as volume:
        walk(volume, place)


def test_what_the_operator_mounted_is_in_the_way_of_detach(volume: Volume, place: Path) -> None:
    """Whatever is mounted by others is theirs to unmount, and nothing is taken away before."""
    device = volume.service.lapilli("attach", "v").stdout.strip()
    run("mkfs.ext4", "-q", device)
    run("mount", device, str(place))
    refused = volume.service.lapilli("detach", "v")
    assert refused.returncode == 1
    assert f"{device} is mounted at {place}: unmount it first" in refused.stderr
    (place / "file").write_text("still here")
    run("umount", str(place))
    assert volume.service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(volume)


def test_a_volume_that_somebody_else_has_detached_leaves_nothing(volume: Volume) -> None:
    """Its target is gone with its session: what this machine remembers is enough, also where the volume is gone."""
    lapilli = volume.service.lapilli
    assert lapilli("attach", "v").returncode == 0
    assert paths()
    volume.detach_at_the_service()
    assert lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(volume)
    assert lapilli("attach", "v").returncode == 0
    volume.detach_at_the_service()
    again = lapilli("attach", "v")  # as another attachment, with another session
    assert again.returncode == 0, again.stderr
    assert start_of(again.stdout.strip()) == bytes(512)
    volume.detach_at_the_service()
    volume.delete()
    assert lapilli("detach", "v").returncode == 0
    assert_nothing_is_here()


@pytest.mark.parametrize("kind", [None, "tgt", "nvme"])
def test_a_mounted_volume_that_somebody_else_has_detached(
    kind: str | None, service: Service, files: Service, place: Path
) -> None:
    """What is written to it fails, and nobody waits; a file in memory is lost. `detach` leaves nothing."""
    with (files if kind else service).volume(kind) as volume:
        mounted(volume, place)
        (place / "file").write_bytes(CONTENT)
        volume.detach_at_the_service()
        done = volume.service.lapilli("detach", "v")
        assert done.returncode == 0, done.stderr
        assert_nothing_is_left(volume)
        subprocess.run(["sync"], timeout=_AT_ONCE_S, check=True)


def test_a_mounted_volume_that_somebody_else_has_detached_is_attached_anew(volume: Volume, place: Path) -> None:
    """The dead mount makes way for the living one."""
    mounted(volume, place)
    (place / "file").write_bytes(CONTENT)
    run("sync")
    volume.detach_at_the_service()
    again = volume.service.lapilli("attach", "--mountpoint", str(place), "v")
    assert again.returncode == 0, again.stderr
    assert (place / "file").read_bytes() == CONTENT
    assert volume.service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(volume)


def test_a_lost_volume_that_is_still_in_use_stays_mounted(volume: Volume, place: Path) -> None:
    """Whoever uses it is told of, and after they have ended `detach` leaves nothing."""
    device = mounted(volume, place)
    volume.detach_at_the_service()
    with subprocess.Popen(["sleep", "infinity"], cwd=place) as user:
        try:
            refused = volume.service.lapilli("detach", "v")
            assert refused.returncode == 1
            assert f"{device} cannot be unmounted" in refused.stderr
            assert f"`fuser -vm {place}` shows who" in refused.stderr
        finally:
            user.kill()
    assert volume.service.lapilli("detach", "v").returncode == 0
    assert_nothing_is_left(volume)


def test_detach_without_the_service(volume: Volume, place: Path) -> None:
    """`--local` leaves nothing here; the attachment is the service's to end."""
    mounted(volume, place)
    assert volume.service.lapilli("detach", "--local", "v").returncode == 0
    assert_nothing_is_here()
    assert volume.status == "in-use"
    assert "is not attached to this machine" in volume.service.lapilli("detach", "--local", "v").stdout


@pytest.mark.parametrize("way", [[], ["--userspace"]])
def test_an_encrypted_volume_is_refused(way: list[str], service: Service) -> None:
    """Before anything is reserved: what is on the device would be nothing but noise, and a file system on it a leak."""
    encryption = {"provider": "luks", "cipher": "aes-xts-plain64", "control_location": "front-end"}
    kind = service.new_type(f"secret{len(way)}", **encryption)
    with service.volume(kind) as volume:
        refused = service.lapilli("attach", *way, "v")
        assert refused.returncode == 1
        assert refused.stderr == "lapilli: Volume v is encrypted, and only Nova opens such a volume.\n"
        assert_nothing_is_left(volume)
