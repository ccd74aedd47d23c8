"""Drivers are found by name and by the class paths of older configuration files."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapilli.drivers import registry
from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.model.errors import BackendFailed, Malformed


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[Path]:
    """A directory where installed packages are looked for."""
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))


def install(packages: Path, name: str, value: str) -> None:
    about = packages / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[lapilli.drivers]\n{name} = {value}\n")


def test_the_directory_driver_is_found_by_its_entry_point() -> None:
    """The class comes with its settings."""
    driver = registry.get("directory")
    assert driver is DirectoryDriver
    assert driver.Settings is DirectorySettings
    assert "directory" in registry.known()


def test_a_driver_of_another_package_is_found(packages: Path) -> None:
    """Whoever installs an entry point has added a driver."""
    (packages / "tape_driver.py").write_text("class TapeDriver:\n    Settings = dict\n")
    install(packages, "tape", "tape_driver:TapeDriver")
    assert registry.get("tape").Settings is dict
    assert {"directory", "tape"} <= set(registry.known())


def test_a_driver_that_cannot_be_loaded_is_told(packages: Path) -> None:
    """The message has the object that was looked for and the reason."""
    install(packages, "drum", "no_such_module:DrumDriver")
    install(packages, "card", "lapilli.drivers.directory:CardDriver")
    with pytest.raises(BackendFailed, match=r"cannot be loaded from no_such_module:DrumDriver: No module"):
        registry.get("drum")
    with pytest.raises(BackendFailed, match=r"cannot be loaded from lapilli\.drivers\.directory:CardDriver: .*CardDr"):
        registry.get("card")


def test_an_unknown_driver_is_told_with_those_that_are_known() -> None:
    """The message says what could be written instead."""
    with pytest.raises(Malformed, match=r"Driver tape is not part of this release\. Known drivers: .*directory"):
        registry.get("tape")


def test_a_class_path_stands_for_a_driver(packages: Path) -> None:
    """Both class paths of LVM ask for the driver `lvm`, which is not there until it is installed."""
    paths = ("cinder.volume.drivers.lvm.LVMISCSIDriver", "cinder.volume.drivers.lvm.LVMVolumeDriver")
    if "lvm" not in registry.known():
        for path in paths:
            with pytest.raises(Malformed, match=rf"Driver lvm \(which {path} stands for\) is not part"):
                registry.get(path)
        install(packages, "lvm", "lapilli.drivers.directory:DirectoryDriver")
    for path in paths:
        assert registry.get(path) is registry.get("lvm")
