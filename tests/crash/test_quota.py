"""Quota under a hail of operations and crashes: what is reported is what there is, at every look."""

import mmap
import os
import random
import signal
import struct
import tempfile
import time
import traceback
from pathlib import Path

import pytest

from lapilli.db import migrate
from tests.crash.quota_life import Life

pytestmark = pytest.mark.long

OPERATIONS = int(os.environ.get("QUOTA_OPERATIONS", "20000"))
SEED = int(os.environ.get("STORM_SEED", "0")) or random.randrange(1, 10**6)
_COUNTS = struct.Struct("qq")


class Counts:
    """How many operations and samples there were, in memory that processes share."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _COUNTS.size)

    @property
    def now(self) -> tuple[int, int]:
        """Operations and samples so far."""
        operations, samples = _COUNTS.unpack(self._memory)
        return operations, samples

    def done(self) -> None:
        operations, samples = self.now
        _COUNTS.pack_into(self._memory, 0, operations + 1, samples)

    def sampled(self) -> None:
        operations, samples = self.now
        _COUNTS.pack_into(self._memory, 0, operations, samples + 1)


def live(directory: Path, seed: int, counts: Counts) -> None:
    """In a process of its own, until it is killed; what it finds wrong is left in a file."""
    try:
        life = Life(directory, seed)
        life.resume()
        life.work(counts.done, counts.sampled)
    except BaseException:  # noqa: BLE001 - this process ends in any case, and the parent is to know why
        (directory / "wrong").write_text(traceback.format_exc())
    finally:
        os._exit(1)


def test_reported_usage_is_the_sum_of_the_rows(figures: list[str]) -> None:
    """Processes work and are killed at any moment, until enough has been asked for and looked at."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="lapilli-quota-", dir=memory if memory.is_dir() else None) as name:
        directory = Path(name)
        (directory / "files").mkdir()
        migrate.upgrade(f"sqlite:///{directory / 'lapilli.sqlite'}")
        Life(directory, SEED).prepare()
        counts, choose, kills = Counts(), random.Random(SEED), 0
        while counts.now[0] < OPERATIONS:
            child = os.fork()
            if not child:
                live(directory, SEED + kills, counts)
            time.sleep(choose.uniform(0.3, 1.5))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            kills += 1
            wrong = directory / "wrong"
            assert not wrong.exists(), f"seed {SEED}: {wrong.read_text()}"
        last = Life(directory, SEED)
        last.resume()
        last.rest()
    operations, samples = counts.now
    assert samples >= OPERATIONS // 20
    figures.append(f"quota: {operations} operations, {kills} kills, {samples} samples, usage exact in each")
