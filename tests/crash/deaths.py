"""Runs a case again and again, dead at its first point, at its second, and so on."""

from collections.abc import Callable

from tests.crash.cases import Case
from tests.crash.points import DIED, in_child
from tests.crash.world import Found, World

_MOST_POINTS = 2000


def die_everywhere(
    world: World, case: Case, *, counts_space: bool = False, arrange: Callable[[], object] | None = None
) -> tuple[int, list[str]]:
    """Returns the number of points, and what was not right after which death.

    `arrange` is done before each run, in a process of its own.
    What was taken has to be done in the end, and what was not may be as if it had never been asked for. Where it
    `counts_space`, the sums have to be right at each death, too.
    """
    after = {**world.found.things, **case.after}
    wanted = {name: text for name, text in after.items() if text is not None}
    wrong: list[str] = []
    for chosen in range(1, _MOST_POINTS):
        world.put_back()
        if arrange:
            assert in_child(lambda _say: arrange()).code == 0
        ending = world.run(case.ask, case.parts, chosen)
        assert ending.code in {0, DIED}, "the run failed by itself; its error is on standard error"
        if counts_space:
            wrong += [f"dead at {chosen}, before the restart: {problem}" for problem in world.miscounted()]
        found = world.restart(case.parts)
        was_taken = ending.said.startswith("taken") or found.operations > world.found.operations
        if found.things != wanted and (was_taken or found.things != world.found.things):
            wrong.append(f"dead at {chosen}: {_difference(found, wanted)}")
        wrong += [f"dead at {chosen}: {problem}" for problem in found.problems]
        if ending.code == 0:
            return chosen - 1, wrong
    raise AssertionError(f"not done after {_MOST_POINTS} points")


def _difference(found: Found, wanted: dict[str, str]) -> str:
    names = sorted(wanted.keys() | found.things)
    return "; ".join(
        f"{name}: {found.things.get(name)}" for name in names if wanted.get(name) != found.things.get(name)
    )
