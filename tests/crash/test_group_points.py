"""A process that dies at any point of an operation on a group leaves all of it done or nothing of it."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.cases import Case
from tests.crash.deaths import die_everywhere
from tests.crash.group_cases import GROUP_CASES, fill
from tests.crash.tgt import Tgt
from tests.crash.world import World


@pytest.fixture(scope="module")
def groups_world(tgt: Tgt) -> Iterator[World]:
    """A cloud of its own, whose space the other cases need not share."""
    memory = Path("/dev/shm")
    directory = tempfile.mkdtemp(prefix="lapilli-crash-", dir=memory if memory.is_dir() else None)
    world = World(Path(directory), tgt)
    world.prepare(fill)
    yield world
    shutil.rmtree(directory)


def _marked(case: Case) -> Any:
    return pytest.param(case, id=case.name, marks=() if case.is_quick else pytest.mark.long)


@pytest.mark.parametrize("case", [_marked(case) for case in GROUP_CASES])
def test_nothing_is_left_of_a_death(case: Case, groups_world: World, figures: list[str]) -> None:
    """Dead at any point, the successor finishes what was taken, and nothing else is there."""
    begun = time.monotonic()
    points, wrong = die_everywhere(groups_world, case)
    figures.append(f"{points:5} deaths in {time.monotonic() - begun:5.1f} s: {case.name}")
    assert wrong == []
