"""A process that dies at any point of any operation leaves nothing that its successor does not put right."""

import time
from typing import Any

import pytest

from tests.crash import backups, moves
from tests.crash.cases import CASES, Case
from tests.crash.deaths import die_everywhere
from tests.crash.world import World


def _marked(case: Case) -> Any:
    return pytest.param(case, id=case.name, marks=() if case.is_quick else pytest.mark.long)


@pytest.mark.parametrize("case", [_marked(case) for case in (*CASES, *moves.CASES, *backups.CASES)])
def test_nothing_is_left_of_a_death(case: Case, world: World, figures: list[str]) -> None:
    """Dead at any point, the successor finishes what was taken, and nothing else is there."""
    begun = time.monotonic()
    points, wrong = die_everywhere(world, case)
    figures.append(f"{points:5} deaths in {time.monotonic() - begun:5.1f} s: {case.name}")
    assert wrong == []
