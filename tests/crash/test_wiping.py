"""A process that dies while deleting, on storage that has to wipe: no byte stays, no space is promised too early."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lapilli.drivers.directory import DirectoryDriver
from lapilli.model.errors import BackendFailed
from tests.crash import backups, moves
from tests.crash.cases import CASES, Case
from tests.crash.deaths import die_everywhere
from tests.crash.world import BACKENDS, Parts, World
from tests.wiping import WipingDriver

_DELETES = (
    "delete",
    "delete with snapshots",
    "create, first backend fails",
    "create, all backends fail",
    "snapshot, backend fails",
    "snapshot, delete",
    "migrate",
    "migrate, the copy is bad",
    "backup, in use",
    "backup, in use, backend fails",
    "backup, restore to a new volume, an object is missing",
)


class Refuses(WipingDriver):
    """Lets nothing go, as a volume group does while a logical volume is open."""

    def set_aside(self, name: str) -> str | None:
        raise BackendFailed(f"{name} is open")


class WipesAtTheSecondAttempt(WipingDriver):
    """Wipes the beginning, and says that it failed."""

    def wipe(self, name: str, go_on: Callable[[int, int], None]) -> None:
        path = Path(self.path("any")).with_name(name)
        if path.exists():
            file = os.open(path, os.O_RDWR)
            was_wiped = os.pread(file, 512, 0) == bytes(512)
            os.pwrite(file, bytes(512), 0)
            os.close(file)
            if not was_wiped:
                raise BackendFailed("broken")
        super().wipe(name, go_on)


class GivesBackTooEarly(WipingDriver):
    """Says that nothing is left, and leaves the bytes where they are: what a driver must not do."""

    def set_aside(self, name: str) -> str | None:
        super().set_aside(name)
        return None


def wiping(parts: Parts) -> Parts:
    """The same parts, whose drivers have to wipe."""
    return replace(parts, driver={name: _wiping(parts.driver.get(name)) for name in BACKENDS})


def _wiping(driver: type[DirectoryDriver] | None) -> type[DirectoryDriver]:
    return WipingDriver if driver is None else type(f"{driver.__name__}AndWipes", (driver, WipingDriver), {})


def _known(name: str) -> Case:
    (case,) = (case for case in (*CASES, *moves.CASES, *backups.CASES) if case.name == name)
    return replace(case, parts=wiping(case.parts))


_OF_ORIGIN: dict[str, str | None] = {"volume origin": None, "snapshot kept": None}
_ALL = (
    *(_known(name) for name in _DELETES),
    replace(
        _known("delete"),
        name="delete, refused",
        after={"volume spare": "error_deleting, 1 GiB of zeros on first"},
        parts=Parts(driver={"first": Refuses}),
    ),
    replace(
        _known("delete with snapshots"),
        name="delete with snapshots, wiped at the second attempt",
        after=_OF_ORIGIN,
        parts=Parts(driver={"first": WipesAtTheSecondAttempt}),
    ),
)


def _marked(case: Case) -> Any:
    return pytest.param(case, id=case.name, marks=() if case.name == "delete" else pytest.mark.long)


@pytest.mark.parametrize("case", [_marked(case) for case in _ALL])
def test_nothing_is_left_of_a_death(case: Case, world: World, figures: list[str]) -> None:
    """At each death what is promised covers what is there, to the GiB; the successor wipes what is left."""
    begun = time.monotonic()
    points, wrong = die_everywhere(world, case, counts_space=True)
    figures.append(f"{points:5} deaths in {time.monotonic() - begun:5.1f} s: {case.name}, wiping")
    assert wrong == []


@pytest.mark.long
def test_space_that_is_given_back_too_early_is_found(world: World) -> None:
    """The test above can fail."""
    case = replace(_known("delete"), parts=Parts(driver={"first": GivesBackTooEarly}))
    _, wrong = die_everywhere(world, case, counts_space=True)
    assert any("more than the" in text for text in wrong)
