"""What nvmet's functions refuse before they touch anything. What they do is in tests/kernel."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lapilli.machine.kernel_targets import nvmet, nvmet_hosts
from lapilli.model.errors import Malformed

_NAME = "nqn.2010-10.org.openstack:volume-1"
_HOST = "nqn.2014-08.org.nvmexpress:uuid:a11ce000-0000-4000-8000-000000000001"
_ID = "a11ce000-0000-4000-8000-000000000001"
_PORTAL = ("127.0.0.1", "4420", "tcp")


def _make(
    path: Path,
    name: str = _NAME,
    identity: str = _ID,
    number: int = 10,
    portal: Sequence[str] = _PORTAL,
    first: int = 1,
) -> None:
    nvmet.make_subsystem(name, str(path), identity, number, [list(portal)], first)


def test_a_host_that_leaves_is_not_connected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel shows of it goes, or cannot be read any more, between two looks."""
    monkeypatch.setattr(nvmet_hosts, "_SHOWN", tmp_path)
    for number in range(3):
        (tmp_path / _NAME / f"ctrl{number}").mkdir(parents=True)
    (tmp_path / _NAME / "ctrl0/hostnqn").write_text(_HOST)
    # Nothing is at the beginning of a process's memory: reading it is an EIO, as that of debugfs.
    (tmp_path / _NAME / "ctrl1/hostnqn").symlink_to("/proc/self/mem")
    assert nvmet_hosts.connected(_NAME) == {_HOST}


@pytest.mark.parametrize(
    "call",
    [
        lambda path: _make(path, name="nqn.a/../b"),
        lambda path: _make(path, identity="volume-1"),
        lambda path: _make(path, number=0),
        lambda path: _make(path, number=1025),
        lambda path: _make(path, portal=("localhost", "4420", "tcp")),
        lambda path: _make(path, portal=("127.0.0.1", "0", "tcp")),
        lambda path: _make(path, portal=("127.0.0.1", "four", "tcp")),
        lambda path: _make(path, portal=("127.0.0.1", "4420", "loop")),
        lambda path: _make(path, portal=("127.0.0.1", "4420")),
        lambda path: _make(path, first=0),
        lambda _: nvmet.admit(_NAME, "../hosts", ""),
        lambda _: nvmet.admit(_NAME, _HOST, "password"),
        lambda _: nvmet.expel(_NAME, "nqn.a/..", [list(_PORTAL)], 1),
        lambda _: nvmet.expel(_NAME, _HOST, [], 1),
        lambda _: nvmet.resize("nqn./"),
        lambda _: nvmet.remove_subsystem("../ports"),
        lambda _: nvmet.connected("nqn.a/.."),
        lambda _: nvmet.prepare("loop", False),
    ],
)
def test_what_is_no_argument_is_refused(call: Callable[[Path], None], tmp_path: Path) -> None:
    """As if a stranger had called."""
    (tmp_path / "volume").touch()
    with pytest.raises(Malformed):
        call(tmp_path / "volume")
