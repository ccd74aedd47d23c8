"""What workers are lent: names, turns, exports."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lapilli.operations.desks import Names, Turns, volume_queue
from tests.unit.operations.lab import Lab

_SOON_S = 20.0


def test_names() -> None:
    """Names outside the database are made from the operator's templates."""
    names = Names("v_%s", "s_%s", "iqn.2026-01.org.example:")
    assert (names.volume("1"), names.snapshot("2")) == ("v_1", "s_2")
    assert names.target("1") == "iqn.2026-01.org.example:v_1"
    assert volume_queue("node@lvm") == "volume:node@lvm"


def test_turns_exclude_each_other() -> None:
    """Of many threads that want the same name, one at a time has it."""
    turns, inside, most = Turns(), [0], [0]

    def count(_: int) -> None:
        for _ in range(50):
            with turns.taken("v"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert (inside, most) == ([0], [1])


def test_turns_of_different_names() -> None:
    """Who has one name is in nobody's way at another, and whoever waits goes on when the name is free."""
    turns, entered = Turns(), threading.Event()

    def enter() -> None:
        with turns.taken("a"):
            entered.set()

    waiting = threading.Thread(target=enter)
    with turns.taken("a"):
        waiting.start()
        with turns.taken("b"):
            assert not entered.is_set()
    assert entered.wait(_SOON_S)
    waiting.join(_SOON_S)


def test_turns_keep_nothing() -> None:
    """Afterwards no name is remembered, also when the work in the turn failed."""
    turns = Turns()
    with turns.taken("a"):
        pass
    with pytest.raises(KeyError), turns.taken("b"):
        raise KeyError
    with turns.taken("b"):
        assert list(turns._locks) == ["b"]
    assert turns._locks == {}


def test_export(lab: Lab) -> None:
    """The export has the volume's file and its own credentials, or the operator's where all are to have the same."""
    export = lab.first.desk.export_of("1", 7, "user", "secret", 3)
    assert (export.name, export.number, export.size_gib) == ("iqn.2010-10.org.openstack:volume-1", 7, 3)
    assert export.path == str(lab.first.directory / "volume-1")
    assert (export.username, export.password) == ("user", "secret")
    desk = replace(lab.first.desk, fixed_credentials=("all", "same"))
    fixed = desk.export_of("1", 7, "user", "secret", 3)
    assert (fixed.username, fixed.password) == ("all", "same")
