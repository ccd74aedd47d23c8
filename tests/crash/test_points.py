"""A process that dies at any point of any operation leaves nothing that its successor does not put right."""

import time

import pytest

from tests.crash.cases import CASES, Case
from tests.crash.points import DIED
from tests.crash.world import World

_MOST_POINTS = 2000


def die_everywhere(world: World, case: Case) -> tuple[int, list[str]]:
    """Run the case with a death at its first point, its second, and so on, until it ends by itself.

    Returns the number of points, and what was not right after which.
    """
    after = {**world.found.things, **case.after}
    wanted = {name: text for name, text in after.items() if text is not None}
    wrong: list[str] = []
    for chosen in range(1, _MOST_POINTS):
        world.put_back()
        ending = world.run(case.ask, case.parts, chosen)
        assert ending.code in {0, DIED}, "the run failed by itself; its error is on standard error"
        found = world.restart(case.parts)
        was_taken = ending.said.startswith("taken") or found.operations > world.found.operations
        is_done, is_untouched = found.things == wanted, found.things == world.found.things
        if not (is_done or (is_untouched and not was_taken)):
            differs = {key: found.things.get(key) for key in wanted.keys() | found.things if wanted.get(key) != found.things.get(key)}
            wrong.append(f"dead at {chosen}: {differs}")
        wrong += [f"dead at {chosen}: {problem}" for problem in found.problems]
        if ending.code == 0:
            return chosen - 1, wrong
    raise AssertionError(f"not done after {_MOST_POINTS} points")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_left_of_a_death(case: Case, world: World) -> None:
    """Dead at any point, the successor finishes what was taken, and nothing else is there."""
    begun = time.monotonic()
    points, wrong = die_everywhere(world, case)
    print(f"{case.name}: {points} points, {time.monotonic() - begun:.1f} s")
    assert wrong == []
