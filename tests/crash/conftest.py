"""The tgtd and the cloud that the crash tests share, and which of these tests the ordinary run leaves out."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.cases import fill
from tests.crash.tgt import Tgt
from tests.crash.world import World


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
