"""What every target in the kernel has to do when its service is killed: the second call finishes the first.

Each check runs a call again and again, killed before its first change of the kernel's configuration, before its second,
and so on.
"""

from collections.abc import Callable, Iterator
from types import FrameType

from lapilli.model.protocols.targets import TargetDriver
from lapilli.model.values import Export
from tests.conformance.kills import each_kill
from tests.conformance.target_lab import Check, TargetLab

_CHANGES = {"mkdir", "rmdir", "symlink", "unlink", "write"}


def _changes(_frame: FrameType, called: object) -> bool:
    return getattr(called, "__name__", "") in _CHANGES


def exporting_survives_kills(lab: TargetLab) -> None:
    """A second call lets in who was granted, and nobody else; then nothing is left of it."""
    export = lab.export("volume-a")
    for _ in _each_kill(lab, lambda driver: _make(driver, export, lab.alice)):
        driver = lab.start()
        driver.export(export)
        grant = driver.grant(export, lab.alice)
        assert lab.login(lab.alice, grant).may_log_in()
        assert not lab.login(lab.bob, grant).may_log_in()
        driver.unexport(export)
        assert lab.left() == []


def what_was_half_made_can_be_removed(lab: TargetLab) -> None:
    """Nothing is left after the removal of whatever there was."""
    export = lab.export("volume-a")
    for _ in _each_kill(lab, lambda driver: _make(driver, export, lab.alice)):
        driver = lab.start()
        assert set(driver.exports()) <= {export.name}
        driver.unexport(export)
        assert lab.left() == []


def revoking_survives_kills(lab: TargetLab) -> None:
    """After a second call the one is out and the other in."""
    export = lab.export("volume-a")
    _make(lab.start(), export, lab.alice)
    grant = lab.start().grant(export, lab.bob)
    for _ in _each_kill(lab, lambda driver: driver.revoke(export, lab.alice)):
        driver = lab.start()
        driver.revoke(export, lab.alice)
        assert not lab.login(lab.alice, grant).may_log_in()
        assert lab.login(lab.bob, grant).may_log_in()
        driver.grant(export, lab.alice)


def removing_survives_kills(lab: TargetLab) -> None:
    """After a second call nothing is left, and a target beside it serves on."""
    export, other = lab.export("volume-a"), lab.export("volume-b")
    _make(lab.start(), other, lab.bob)
    before = sorted(lab.left())
    for _ in _each_kill(lab, lambda driver: driver.unexport(export), lambda: _make(lab.start(), export, lab.alice)):
        driver = lab.start()
        driver.unexport(export)
        assert sorted(lab.left()) == before
        assert lab.login(lab.bob, driver.grant(other, lab.bob)).may_log_in()


def _make(driver: TargetDriver, export: Export, initiator: str) -> None:
    driver.export(export)
    driver.grant(export, initiator)


def _each_kill(
    lab: TargetLab, call: Callable[[TargetDriver], None], before: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """As `each_kill`; `before` is done before each."""
    before()
    for number in each_kill(lab.start, call, _changes):
        yield number
        before()


CHECKS: list[Check] = [
    exporting_survives_kills,
    what_was_half_made_can_be_removed,
    revoking_survives_kills,
    removing_survives_kills,
]
