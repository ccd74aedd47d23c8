"""Tests that make volume groups, targets and sessions, on a Linux of their own: `make system` runs them in a guest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.targets.lio import LioTarget
from lapilli.targets.nvmet import NvmetTarget
from tests.kernel import lio_lab, nvmet_lab
from tests.kernel.loops import Loops
from tests.kernel.machine import Initiator, volume_group

_IN_GUEST = "User Mode Linux" in Path("/proc/cpuinfo").read_text()

collect_ignore_glob = [] if _IN_GUEST else ["*test_*.py"]


def pytest_configure(config: pytest.Config) -> None:
    named = (Path(argument.partition("::")[0]).resolve() for argument in config.args)
    if not _IN_GUEST and any(path.is_relative_to(Path(__file__).parent) for path in named):
        raise pytest.UsageError("These tests need a kernel of their own: `make system` runs them in a guest.")


@pytest.fixture
def group() -> Iterator[str]:
    """The name of an empty volume group on the first disk."""
    with volume_group("storage", "/dev/ubda") as name:
        yield name


@pytest.fixture
def initiator() -> Iterator[Initiator]:
    """The kernel's iSCSI initiator, logged in nowhere."""
    with Initiator.started() as initiator:
        yield initiator


@pytest.fixture
def loops() -> Iterator[Loops]:
    """Block devices over files. They end after the targets that hold them: see the two below."""
    made = Loops()
    yield made
    made.end()


@pytest.fixture
def lio_alone(loops: Loops) -> Iterator[None]:
    """LIO without any target; nor is there any left."""
    del loops
    LioTarget(lio_lab.SETTINGS).ensure()
    yield
    lio_lab.clear()


@pytest.fixture
def nvmet_alone(loops: Loops) -> Iterator[None]:
    """Nvmet without any subsystem, host or port; nor are there any left."""
    del loops
    NvmetTarget(nvmet_lab.SETTINGS).ensure()
    yield
    nvmet_lab.clear()
