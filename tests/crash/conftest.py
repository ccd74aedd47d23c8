"""The tgtd and the cloud that the crash tests share, and which of these tests the ordinary run leaves out."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.cases import fill
from tests.crash.tgt import Tgt
from tests.crash.world import World


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes minutes; run when tests/crash is asked for by name")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The ordinary run of all tests makes do with the quick ones of this directory."""
    if any("crash" in argument for argument in config.args):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> list[str]:
    """Lines to show when all tests are done."""
    return pytestconfig.stash.setdefault(_FIGURES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash.get(_FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tgt() -> Iterator[Tgt]:
    tgt = Tgt()
    try:
        tgt.start()
        yield tgt
    finally:
        tgt.stop()


@pytest.fixture(scope="session")
def world(tgt: Tgt) -> Iterator[World]:
    # In memory where there is such a place: processes die here, not machines, and half of the time would go for fsync.
    memory = Path("/dev/shm")
    directory = tempfile.mkdtemp(prefix="lapilli-crash-", dir=memory if memory.is_dir() else None)
    world = World(Path(directory), tgt)
    world.prepare(fill)
    yield world
    shutil.rmtree(directory)
