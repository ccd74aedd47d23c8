"""The differences between two tellings of a scenario, each as one line that can be matched."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tests.differential.player import NOT_ASKED, Seen


class Difference(NamedTuple):
    """At `where` in the answer to the request `label` of the scenario, Cinder has `theirs` and we have `ours`."""

    scenario: str
    label: str
    where: str
    theirs: str
    ours: str

    def __str__(self) -> str:
        return f"{self.scenario} | {self.label} | {self.where}: {self.theirs} -> {self.ours}"


def differences(scenario: str, theirs: Sequence[Seen], ours: Sequence[Seen]) -> Iterator[Difference]:
    """All differences of the scenario's answers. Answers of different status are not compared further."""
    for (label, their_status, their_headers, their_body), (_, status, headers, body) in zip(theirs, ours, strict=True):
        if NOT_ASKED in {their_status, status}:
            continue
        if their_status != status:
            yield Difference(scenario, label, "status", str(their_status), str(status))
            continue
        told = (*_walk("headers", their_headers, headers), *_walk("body", _ordered(their_body), _ordered(body)))
        for where, their_value, value in told:
            yield Difference(scenario, label, where, their_value, value)


def _ordered(body: Any) -> Any:
    """The body, with the one list that Cinder shows in the order of its files in an order that can be compared."""
    if isinstance(body, dict) and isinstance(body.get("extensions"), list):
        return {**body, "extensions": sorted(body["extensions"], key=lambda extension: extension["alias"])}
    return body


def _walk(where: str, theirs: Any, ours: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted({*theirs, *ours}):
            if key not in ours:
                yield f"{where}.{key}", _told(theirs[key]), "absent"
            elif key not in theirs:
                yield f"{where}.{key}", "absent", _told(ours[key])
            else:
                yield from _walk(f"{where}.{key}", theirs[key], ours[key])
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (theirs_of_it, ours_of_it) in enumerate(zip(theirs, ours, strict=True)):
            yield from _walk(f"{where}.{number}", theirs_of_it, ours_of_it)
    elif (type(theirs), theirs) != (type(ours), ours):
        yield where, _told(theirs), _told(ours)


def _told(value: Any) -> str:
    return f"{len(value)} items" if isinstance(value, list) else repr(value)
