"""Every answer is Cinder's, but for the listed differences; and what is listed does differ."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from lapilli.db import migrate
from tests.differential import recordings
from tests.differential.catalogue import FAMILIES
from tests.differential.compare import Difference, differences
from tests.differential.differences import LISTED, UNSETTLED
from tests.differential.listed import PLUG_INS, Listed
from tests.differential.ours import Ours
from tests.differential.player import Seen, play
from tests.differential.scenario import Scenario

SCENARIOS = {scenario.name: scenario for scenarios in FAMILIES.values() for scenario in scenarios}
COMPARED = [name for name in SCENARIOS if not any(fnmatchcase(name, pattern) for pattern in UNSETTLED)]
COMPATIBILITY = Path(__file__).parents[2] / "docs" / "compatibility.md"


class Tally:
    """Which scenarios were compared, and how often each listed difference was met."""

    def __init__(self) -> None:
        self.compared: set[str] = set()
        self.met: Counter[Listed] = Counter()

    def explains(self, difference: Difference) -> bool:
        """Whether the difference is listed."""
        found = [listed for listed in LISTED if listed.covers(difference)]
        self.met.update(found)
        return bool(found)


@pytest.fixture(scope="module")
def tally() -> Tally:
    return Tally()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    folder = tmp_path_factory.mktemp("differential")
    database = folder / "lapilli.sqlite"
    migrate.upgrade(f"sqlite:///{database}")
    with closing(Ours(database, folder / "volumes")) as stage:
        yield stage


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[Seen]]:
    return {name: answers for family in FAMILIES for name, answers in recordings.read(family).items()}


@pytest.mark.parametrize("name", COMPARED)
def test_answers_are_those_of_cinder(name: str, ours: Ours, tally: Tally, recorded: dict[str, list[Seen]]) -> None:
    """Every request of the scenario gets Cinder's answer, or one that differs as listed."""
    answers = _play(ours, SCENARIOS[name], recorded[name])
    found = [difference for difference in differences(name, recorded[name], answers) if not tally.explains(difference)]
    tally.compared.add(name)
    assert not found, f"{len(found)} differences:\n" + "\n".join(map(str, found[:40]))


def test_what_is_listed_still_differs(tally: Tally) -> None:
    """A difference that is gone leaves the list, and every one is explained to the operator."""
    explained = {line.split("|")[1].strip() for line in COMPATIBILITY.read_text().splitlines() if line.startswith("|")}
    assert {listed.row for listed in LISTED} <= {*explained, PLUG_INS}
    if tally.compared != set(COMPARED):
        pytest.skip("Needs the answers of all scenarios.")
    gone = [listed for listed in LISTED if not tally.met[listed]]
    assert not gone, "These no longer differ:\n" + "\n".join(map(str, gone))


def _play(ours: Ours, scenario: Scenario, theirs: list[Seen]) -> list[Seen]:
    answers = list(play(ours, scenario))
    told = [label for label, *_ in theirs]
    assert [label for label, *_ in answers] == told, "The scenario has changed: run scripts/record-cinder."
    return answers
