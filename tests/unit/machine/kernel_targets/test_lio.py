"""What LIO's functions refuse before they touch anything. What they do is in tests/kernel."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lapilli.machine.kernel_targets import lio
from lapilli.model.errors import Malformed

_NAME = "iqn.2010-10.org.openstack:volume-1"
_ALICE = "iqn.1993-08.org.debian:01:alice"


def _make(
    path: Path, name: str = _NAME, size: int = 1024, serial: str = "ab", portals: tuple[str, ...] = ("127.0.0.1:3260",)
) -> None:
    lio.make_target(name, str(path), size, serial, list(portals), False, True, False)


@pytest.mark.parametrize(
    "call",
    [
        lambda path: _make(path, name="iqn.a/../b"),
        lambda path: _make(path, size=0),
        lambda path: _make(path, serial="volume"),
        lambda path: _make(path, portals=("localhost:3260",)),
        lambda path: _make(path, portals=("127.0.0.1:99999",)),
        lambda path: _make(path, portals=("127.0.0.1/../..:3260",)),
        lambda _: lio.admit("../core", _ALICE, "user", "password", False),
        lambda _: lio.admit(_NAME, "alice/..", "user", "password", False),
        lambda _: lio.admit(_NAME, _ALICE, "", "password", False),
        lambda _: lio.admit(_NAME, _ALICE, "user", "", False),
        lambda _: lio.admit(_NAME, _ALICE, "user", "pass\nword", False),
        lambda _: lio.expel(_NAME, "../alice"),
        lambda _: lio.resize(_NAME, -1),
        lambda _: lio.remove_target("iqn.a/.."),
    ],
)
def test_what_is_no_argument_is_refused(call: Callable[[Path], None], tmp_path: Path) -> None:
    """As if a stranger had called."""
    (tmp_path / "volume").touch()
    with pytest.raises(Malformed):
        call(tmp_path / "volume")


def test_without_lio_there_is_nothing() -> None:
    """Looking needs neither root nor a kernel that has it."""
    name = "iqn.2010-10.org.openstack:volume-that-nobody-made"
    assert name not in lio.targets()
    assert lio.sessions(name) == set()
