"""Plug-ins that are installed, and those that are not."""

import pytest

from lapilli.drivers.directory import DirectoryDriver
from lapilli.machine.plug_ins import PlugIns
from lapilli.model.errors import Malformed

DRIVERS = PlugIns[object]("lapilli.drivers", "Driver", {"old.Name": "directory", "older.Name": "punchcards"})


def test_one_that_is_installed() -> None:
    """It is found by its name, and by the name that Cinder has for it."""
    assert DRIVERS.get("directory") is DirectoryDriver
    assert DRIVERS.get("old.Name") is DirectoryDriver
    assert "directory" in DRIVERS.known()


def test_one_that_is_not() -> None:
    """The sentence has what was asked for, what that stands for, and what there is."""
    with pytest.raises(
        Malformed, match=r"Driver punchcards \(which older.Name stands for\).*Known drivers: .*directory"
    ):
        DRIVERS.get("older.Name")
    with pytest.raises(Malformed, match="Known things: none"):
        PlugIns[object]("lapilli.nothing", "Thing", {}).get("x")
