"""Whoever dies between a command of LVM's or a change of LIO's and its record leaves nothing that is not put right."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lapilli.model.values import Export
from lapilli.targets.lio import LioTarget
from tests.crash import asks
from tests.crash.cases import mark
from tests.crash.points import DIED
from tests.crash.world import Ask
from tests.kernel import lio_lab
from tests.kernel.lvm_lab import sparse_group
from tests.kernel.machine import run
from tests.kernel.storage_node import SERVICE, Found, StorageNode

_MOST_POINTS = 300


@dataclass(frozen=True)
class Case:
    """A request, what there is before it, and what has to be different afterwards; None is what is gone."""

    name: str
    ask: Ask
    after: Mapping[str, str | None]
    before: Sequence[Ask] = ()


_VOLUME = (asks.create("origin", 1),)
_RESERVED = (*_VOLUME, asks.reserve("origin"))
_ATTACHED = (*_RESERVED, asks.connect("origin", "alice"), asks.complete("origin", "alice"))
_SNAPSHOT = (*_VOLUME, asks.snapshot("kept", "origin"))
_OF_A, _OF_B = "available, 1 GiB of a", "available, 1 GiB of b"

CASES = (
    Case("create", asks.create("new", 2), {"volume new": "available, 2 GiB of zeros"}),
    Case("create from snapshot", asks.create("new", 1, snapshot="kept"), {"volume new": _OF_A}, _SNAPSHOT),
    Case("create from volume", asks.create("new", 1, volume="origin"), {"volume new": _OF_B}, _VOLUME),
    Case("snapshot", asks.snapshot("new", "origin"), {"snapshot new": _OF_B}, _VOLUME),
    Case("snapshot, delete", asks.remove_snapshot("kept"), {"snapshot kept": None}, _SNAPSHOT),
    Case("delete", asks.delete("origin"), {"volume origin": None}, _VOLUME),
    Case("extend", asks.extend("origin", 2), {"volume origin": "available, 2 GiB of b"}, _VOLUME),
    Case("extend, attached", asks.extend("origin", 2), {"volume origin": "in-use, 2 GiB of b"}, _ATTACHED),
    Case("revert", asks.revert("origin", "kept"), {"volume origin": _OF_A}, _SNAPSHOT),
    Case(
        "manage",
        asks.manage("new", f"{SERVICE}#here"),
        {"volume new": "available, 1 GiB of d", "logical volume disk": None},
    ),
    Case("unmanage", asks.unmanage("origin"), {"volume origin": None, "logical volume of no row": "there"}, _VOLUME),
    Case(
        "attachment, connect",
        asks.connect("origin", "alice"),
        {
            "volume origin": "attaching, 1 GiB of b",
            "attachment of origin to nobody": None,
            "attachment of origin to alice": "attaching",
        },
        _RESERVED,
    ),
    Case(
        "attachment, disconnect",
        asks.disconnect("origin", "alice"),
        {"volume origin": _OF_B, "attachment of origin to alice": None},
        _ATTACHED,
    ),
)


# Those that LVM does in another way where volumes are thin.
_OTHERWISE = ("create", "create from snapshot", "create from volume", "snapshot", "snapshot, delete", "revert")


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageNode]:
    """Of the kind that the case is paired with."""
    with sparse_group(tmp_path_factory.mktemp("disks")) as group, tempfile.TemporaryDirectory() as place:
        LioTarget(lio_lab.SETTINGS).ensure()
        yield StorageNode(Path(place), group, request.param)
        lio_lab.clear()


def _paired(case: Case, kind: str) -> Any:
    return pytest.param(case, kind, id=f"{kind}-{case.name}")


@pytest.mark.parametrize(
    ("case", "node"),
    [
        *(_paired(case, "default") for case in CASES),
        *(_paired(case, "thin") for case in CASES if case.name in _OTHERWISE),
    ],
    indirect=["node"],
)
def test_nothing_is_left_of_a_death(case: Case, node: StorageNode) -> None:
    """The successor finishes what was taken; no logical volume, target, device or hold is left of it."""
    wrong: list[str] = []
    before: Found | None = None
    for chosen in range(1, _MOST_POINTS):
        _begin(node, case)
        before = before or node.look()
        assert before.problems == []
        ending = node.run(case.ask, chosen)
        assert ending.code in {0, DIED}, "the run failed by itself; its error is on standard error"
        found = node.restart()
        wanted = {name: text for name, text in {**before.things, **case.after}.items() if text is not None}
        if found.things != wanted and (ending.said or found.things != before.things):
            wrong.append(f"dead at {chosen}: {sorted(found.things.items() ^ wanted.items())}")
        wrong += [f"dead at {chosen}: {problem}" for problem in found.problems]
        if ending.code == 0:
            break
    assert wrong == []
    assert 3 < chosen < _MOST_POINTS, "it hardly ever died, or always"


class Keeps(LioTarget):
    """Never takes a target away."""

    def unexport(self, export: Export) -> None:
        pass


@pytest.mark.parametrize("node", ["default"], indirect=True)
def test_what_is_left_is_found(node: StorageNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: targets that stay, and logical volumes of nobody, are problems."""
    (case,) = (case for case in CASES if case.name == "attachment, disconnect")
    _begin(node, case)
    monkeypatch.setattr(node, "target", Keeps)
    run("lvcreate", "--yes", "--size", "1g", "--name", "volume-of-nobody", "storage")
    node.run(case.ask, chosen=_MOST_POINTS)
    found = node.restart()
    assert any(problem.startswith("target iqn.") for problem in found.problems)
    assert "logical volume of no row" in found.things


def _begin(node: StorageNode, case: Case) -> None:
    """`origin` has bytes `b`, and if there is a snapshot, it is of the time when they were `a`."""
    node.put_back()
    if case.name == "manage":
        run("lvcreate", "--yes", "--size", "1g", "--name", "disk", "storage")
        mark(Path("/dev/storage/disk"), b"d")
    for number, ask in enumerate(case.before):
        node.do(ask)
        if number == 0:
            mark(node.device("origin"), b"a" if case.before == _SNAPSHOT else b"b")
    if case.before == _SNAPSHOT:
        mark(node.device("origin"), b"b")
