"""Tests that make volume groups, targets and sessions, on a Linux of their own: `make system` runs them in a guest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.machine import Initiator, volume_group

_IN_GUEST = "User Mode Linux" in Path("/proc/cpuinfo").read_text()

collect_ignore_glob = [] if _IN_GUEST else ["test_*.py"]


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
