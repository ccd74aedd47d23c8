"""`lapilli attach` and `detach`, killed before each of their steps: the next call finishes it, or undoes it."""

from pathlib import Path

from tests.kernel.host.looks import assert_nothing_is_left, start_of
from tests.kernel.host.service import Service, Volume
from tests.kernel.machine import run

_POINTS = 60


class Killer:
    """Kills the commands on a volume, which is to be mounted at `place` if there is one."""

    def __init__(self, volume: Volume, place: Path | None) -> None:
        self._volume = volume
        self._place = place
        self._attach = ("attach", *(("--mountpoint", str(place)) if place else ()), "v")

    def attach(self) -> None:
        """Attach, or finish what was begun: the volume can be read."""
        done = self._volume.service.lapilli(*self._attach)
        assert done.returncode == 0, done.stderr
        assert len(start_of(done.stdout.strip())) == 512
        assert self._place is None or self._place.is_mount()
        assert self._volume.status == "in-use"

    def detach(self) -> None:
        """Detach, or finish what was begun: nothing is left."""
        done = self._volume.service.lapilli("detach", "v")
        assert done.returncode == 0, done.stderr
        assert_nothing_is_left(self._volume)

    def attach_killed_everywhere(self) -> list[str]:
        """Each call that was killed is undone; killed again, it is finished. Returns the steps of `attach`."""
        for at in range(1, _POINTS):
            was_killed, steps = self._volume.service.killed(at, *self._attach)
            self.detach()
            if not was_killed:
                return steps
            self._volume.service.killed(at, *self._attach)
            self.attach()
            self.detach()
        raise AssertionError("it does not come to an end")

    def detach_killed_everywhere(self) -> list[str]:
        """Each call that was killed is finished, or the volume attached, in turns. Returns the steps of `detach`."""
        for at in range(1, _POINTS):
            self.attach()
            was_killed, steps = self._volume.service.killed(at, "detach", "v")
            if not was_killed:
                assert_nothing_is_left(self._volume)
                return steps
            if at % 2:
                self.detach()
        raise AssertionError("it does not come to an end")


def are_in(wanted: tuple[str, ...], steps: list[str]) -> bool:
    """Whether the steps are those, in this order, with others between them."""
    left = iter(steps)
    return all(each in left for each in wanted)


def test_over_iscsi_with_a_mount(volume: Volume, tmp_path: Path) -> None:
    """What is mounted by the way, and unmounted."""
    device = volume.service.lapilli("attach", "v").stdout.strip()
    run("mkfs.ext4", "-q", device)
    killer = Killer(volume, tmp_path)
    killer.detach()
    steps = killer.attach_killed_everywhere()
    assert are_in(("API attach", "record written", "iscsiadm --login", "tee", "API complete", "mount"), steps)
    steps = killer.detach_killed_everywhere()
    assert are_in(("umount", "tee", "iscsiadm --logout", "API detach", "record deleted"), steps)


def test_over_nvme(files: Service) -> None:
    """With another kind of session."""
    with files.volume("nvme") as volume:
        killer = Killer(volume, None)
        steps = killer.attach_killed_everywhere()
        assert are_in(("API attach", "record written", "nvme connect", "API complete"), steps)
        steps = killer.detach_killed_everywhere()
        assert are_in(("nvme disconnect", "API detach", "record deleted"), steps)
