"""`lapilli attach` and `detach`, killed before each of their steps: the next call finishes it, or undoes it."""

from pathlib import Path

import pytest

from tests.kernel.host.looks import assert_nothing_is_left, start_of
from tests.kernel.host.service import Service, Volume
from tests.kernel.machine import run


def check(volume: Volume, place: Path | None) -> None:
    """The volume is attached, and mounted where it should be."""
    words = ["--mountpoint", str(place)] if place else []
    finished = volume.service.lapilli("attach", *words, "v")
    assert finished.returncode == 0, finished.stderr
    assert len(start_of(finished.stdout.strip())) == 512
    assert place is None or place.is_mount()
    assert volume.status == "in-use"


def undo(volume: Volume) -> None:
    undone = volume.service.lapilli("detach", "v")
    assert undone.returncode == 0, undone.stderr
    assert_nothing_is_left(volume)


def kill_everywhere(volume: Volume, place: Path | None) -> tuple[list[str], list[str]]:
    """Kill both at every step. The steps of `attach` and of `detach`."""
    words = ["--mountpoint", str(place)] if place else []
    of_attach: list[str] = []
    of_detach: list[str] = []
    at, attaches, detaches = 1, True, True
    while attaches or detaches:
        if attaches:
            attaches, of_attach = volume.service.killed(at, "attach", *words, "v")
            if at % 2:
                undo(volume)  # else it is finished, just below
        check(volume, place)
        if detaches:
            detaches, of_detach = volume.service.killed(at, "detach", "v")
            if at % 2:
                check(volume, place)
        undo(volume)
        at += 1
    return of_attach, of_detach


@pytest.mark.parametrize("kind", ["lio", "tgt", "nvme"])
def test_a_call_that_was_killed_is_finished_by_the_next_or_undone(kind: str, service: Service, files: Service) -> None:
    """By iSCSI, and by NVMe over TCP."""
    with files.volume(kind) if kind != "lio" else service.volume() as volume:
        attach, detach = kill_everywhere(volume, None)
    print(kind, attach, detach)
    assert attach[0] == "API attach"


def test_likewise_with_a_mount(volume: Volume, tmp_path: Path) -> None:
    """What is mounted then, and unmounted."""
    device = volume.service.lapilli("attach", "v").stdout.strip()
    run("mkfs.ext4", "-q", device)
    undo(volume)
    attach, detach = kill_everywhere(volume, tmp_path)
    print(attach, detach)
    assert "mount" in attach
    assert "umount" in detach
