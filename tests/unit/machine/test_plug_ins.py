"""Plug-ins that are installed, and those that are not."""

import pytest

from lapilli.drivers.directory import DirectoryDriver
from lapilli.machine import plug_ins
from lapilli.model.errors import Malformed


def test_one_that_is_installed() -> None:
    """It is found by its name, and by the name that Cinder has for it."""
    assert plug_ins.load("lapilli.drivers", "Driver", "directory", {}) is DirectoryDriver
    assert plug_ins.load("lapilli.drivers", "Driver", "old.Name", {"old.Name": "directory"}) is DirectoryDriver
    assert "directory" in plug_ins.known("lapilli.drivers")


def test_one_that_is_not() -> None:
    """The sentence has what was asked for, what that stands for, and what there is."""
    with pytest.raises(Malformed, match=r"Driver punchcards \(which old.Name stands for\).*Known drivers: .*directory"):
        plug_ins.load("lapilli.drivers", "Driver", "old.Name", {"old.Name": "punchcards"})
    with pytest.raises(Malformed, match="Known things: none"):
        plug_ins.load("lapilli.nothing", "Thing", "x", {})
