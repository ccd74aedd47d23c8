"""LVM's steps check what they are given before any program is run."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lapilli.machine.lvm import command, lvm
from lapilli.machine.lvm.command import serve
from lapilli.model.errors import BackendFailed, Malformed

STEPS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "create_pool": (lvm.create_pool, ("pool",)),
    "create_thin": (lvm.create_thin, ("volume", 2**30, "pool")),
    "create_thick": (lvm.create_thick, ("volume", 2**30, 0)),
    "create_thin_snapshot": (lvm.create_thin_snapshot, ("snap", "volume")),
    "create_cow_snapshot": (lvm.create_cow_snapshot, ("snap", "volume", 2**20)),
    "complete": (lvm.complete, ("volume",)),
    "split_snapshot": (lvm.split_snapshot, ("snap",)),
    "extend": (lvm.extend, ("volume", 2**30)),
    "rename": (lvm.rename, ("volume", "other")),
    "activate": (lvm.activate, (["volume"],)),
    "deactivate": (lvm.deactivate, (["volume"],)),
    "remove": (lvm.remove, ("volume",)),
}
BAD_NAMES = (
    "",
    ".",
    "..",
    "-a",
    "--config",
    ".hidden",
    "a/b",
    "../a",
    "a b",
    "a;b",
    "a\nb",
    "é",
    "x" * 101,
    "nul\0byte",
)
KEPT_NAMES = (
    "snapshot-a",
    "pvmove0",
    "a_tdata",
    "a_tmeta",
    "lvol0_pmspare",
    "a_rimage_0",
    "a_mlog",
    "a_cdata",
    "a_vorigin",
)


def call(step: str, group: str, *arguments: Any) -> None:
    """The step as the helper runs it, whoever this process is."""
    inspect.unwrap(STEPS[step][0])(group, *arguments)


@pytest.fixture
def group() -> str:
    serve("served")
    return "served"


@pytest.mark.parametrize("step", [*STEPS])
def test_other_groups_are_not_touched(step: str) -> None:
    """Only a group that was named to `serve` is worked on."""
    for name in ("other", "", "../dev", "--all", "served/volume"):
        with pytest.raises(Malformed, match="not a volume group that is served"):
            call(step, name, *STEPS[step][1])


@pytest.mark.parametrize("step", [*STEPS])
def test_bad_names_are_refused(step: str, group: str) -> None:
    """Each name that a step takes, at every place, has to be one that LVM lets others choose."""
    good = STEPS[step][1]
    for place, argument in enumerate(good):
        if isinstance(argument, int):
            continue
        for name in (*BAD_NAMES, *KEPT_NAMES):
            bad = [name] if isinstance(argument, list) else name
            with pytest.raises(Malformed, match="cannot name a logical volume"):
                call(step, group, *good[:place], bad, *good[place + 1 :])


@pytest.mark.parametrize("size_bytes", [0, -512, 1, 513, 2**60 + 512])
def test_impossible_sizes_are_refused(size_bytes: int, group: str) -> None:
    """A size is some whole sectors."""
    calls = (
        ("create_thin", ("volume", size_bytes, "pool")),
        ("create_thick", ("volume", size_bytes, 0)),
        ("extend", ("volume", size_bytes)),
        ("create_cow_snapshot", ("snap", "volume", size_bytes)),
    )
    for step, arguments in calls:
        with pytest.raises(Malformed, match="cannot have"):
            call(step, group, *arguments)


def test_other_impossible_arguments(group: str) -> None:
    """Mirrors have bounds, and something has to be named."""
    for mirrors in (-1, 10):
        with pytest.raises(Malformed, match="mirrors"):
            call("create_thick", group, "volume", 2**30, mirrors)
    for step in ("activate", "deactivate"):
        with pytest.raises(Malformed, match="No logical volume"):
            call(step, group, [])


@pytest.mark.parametrize("name", ["", ".", "..", "-storage", "a/b", "a b", "x" * 65, "a\nb"])
def test_bad_groups_are_not_served(name: str) -> None:
    """What cannot be a volume group's name is refused when the configuration is read."""
    with pytest.raises(Malformed, match="volume_group"):
        serve(name)


def test_a_conf_file_of_others_is_not_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LVM would run the programs that it names as root."""
    conf_file = tmp_path / "lvm.conf"
    conf_file.touch()
    conf_file.chmod(0o666)
    serve("served", str(conf_file))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(BackendFailed, match="can be changed by others than root"):
        command.lvm("served", "lvs")
