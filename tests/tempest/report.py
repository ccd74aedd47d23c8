"""What a run of Tempest shows: which of the tests that pass on Cinder pass here, and why the others do not."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_WHOLE_CLASS = re.compile(r"(?:setUpClass|tearDownClass) \((?P<name>.*)\)$")


@dataclass(frozen=True)
class Outcome:
    """How a test ended: `success`, `fail`, `skip`, or `inprogress` if it never did."""

    id: str
    status: str
    seconds: float
    reason: str


def read(told: Iterable[str]) -> Mapping[str, Outcome]:
    """Outcomes by the test's name, from what `outcomes.py` prints."""
    return {outcome.id: outcome for outcome in (Outcome(**json.loads(line)) for line in told)}


def missing(outcomes: Mapping[str, Outcome], wanted: Collection[str]) -> Sequence[tuple[str, str]]:
    """The wanted tests that did not pass, each with the reason."""
    classes = {found["name"]: one for one in outcomes.values() if (found := _WHOLE_CLASS.match(one.id))}

    def why(name: str) -> str:
        one = outcomes.get(name) or classes.get(name.rpartition(".")[0])
        return f"{one.status}: {one.reason}" if one else "it did not run"

    passed = {one.id for one in outcomes.values() if one.status == "success"}
    return [(name, why(name)) for name in sorted(set(wanted) - passed)]


def lines(outcomes: Mapping[str, Outcome], wanted: Collection[str]) -> Iterator[str]:
    """The report: every wanted test that did not pass, every other that failed, and the figures last."""
    lost = missing(outcomes, wanted)
    for name, why in lost:
        yield f"{name}\n    {why}"
    for one in outcomes.values():
        if one.status not in {"success", "skip"} and one.id not in wanted and not _WHOLE_CLASS.match(one.id):
            yield f"{one.id} (does not pass on Cinder either)\n    {one.status}: {one.reason}"
    figures = Counter(one.status for one in outcomes.values() if not _WHOLE_CLASS.match(one.id))
    yield ", ".join(f"{number} {status}" for status, number in sorted(figures.items()))
    yield f"{len(wanted) - len(lost)} of {len(wanted)} that pass on Cinder pass here."
