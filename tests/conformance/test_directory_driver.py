"""The `directory` driver conforms on every kind of file system, and the suite notices drivers that do not."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.machine import sparse
from lapilli.model.protocols.storage import StorageDriver
from lapilli.model.values import GIB
from tests import mounts
from tests.conformance import driver_kills, drivers
from tests.conformance.driver_lab import Check, DriverLab
from tests.conformance.drivers import CHECKS, name_of


def make_lab(directory: Path, kind: type[DirectoryDriver] = DirectoryDriver) -> DriverLab:
    # With a size of its own, what others do on the file system does not show in the report.
    settings = DirectorySettings(directory_path=str(directory), directory_size_gib=1)
    kind(settings, "here").check()
    return DriverLab(
        start=lambda: kind(settings, "here"),
        stored=lambda: {entry.name for entry in directory.iterdir()} - {".lapilli-pool"},
        pool="here",
    )


@pytest.fixture(scope="module", params=["plain", "xfs", "btrfs"])
def file_system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory on the test machine's own file system, and on those that have reflinks."""
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "plain":
        yield directory
        return
    with mounts.image(directory, request.param) as mount:
        yield mount


@pytest.fixture
def driver_lab(file_system: Path) -> Iterator[DriverLab]:
    directory = file_system / "volumes"
    yield make_lab(directory)
    shutil.rmtree(directory)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_directory_driver_conforms(check: Check, driver_lab: DriverLab) -> None:
    """Every check of the suite holds."""
    check(driver_lab)


def test_reflinks_are_used_where_they_are(file_system: Path) -> None:
    """A clone on xfs and btrfs takes no space, and the report says so; elsewhere it says no."""
    lab = make_lab(file_system / "volumes")
    driver = lab.start()
    driver.create_volume("volume-a", 1, "here")
    lab.write("volume-a", 0, os.urandom(32 * 1024**2))
    used = _used(file_system)
    for number in range(3):
        driver.create_volume_from_volume(f"volume-{number}", 1, "volume-a", "here")
    has_reflinks = not driver.report()[0].capabilities["copies_snapshots"]
    assert has_reflinks or file_system.name != "mount"
    if has_reflinks:
        assert _used(file_system) - used < 16 * 1024**2
    shutil.rmtree(file_system / "volumes")


def _used(file_system: Path) -> int:
    space = os.statvfs(file_system)
    return (space.f_blocks - space.f_bfree) * space.f_frsize


class Shrinks(DirectoryDriver):
    """Sets the size that is asked for, larger or not."""

    def extend_volume(self, name: str, size_gib: int) -> None:
        os.truncate(self.path(name), size_gib * GIB)


class SharesBytes(DirectoryDriver):
    """Clones are second names of the source."""

    def create_volume_from_volume(self, name: str, size_gib: int, source: str, pool: str) -> None:
        if not self._file(name).exists():
            self._file(name).hardlink_to(self._file(source))
        self.extend_volume(name, size_gib)


class CopiesInPlace(DirectoryDriver):
    """A snapshot has its name before it is complete."""

    def create_snapshot(self, name: str, volume: str) -> None:
        if self._file(name).exists():
            return
        with self._file(name).open("xb") as target, self._file(volume).open("rb") as source:
            sparse.copy(source.fileno(), target.fileno())


class MissesTheMissing(DirectoryDriver):
    """Deletes only what is there."""

    def delete_volume(self, name: str) -> None:
        self._file(name).unlink()


class TrustsNames(DirectoryDriver):
    """Says a path for any name."""

    def path(self, name: str) -> str:
        return str(self._directory / name)


class StartsOver(DirectoryDriver):
    """A second call makes the volume anew."""

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        self.delete_volume(name)
        super().create_volume(name, size_gib, pool)


class LeavesHalves(DirectoryDriver):
    """Deletes what is complete, and not what a crash left."""

    def delete_volume(self, name: str) -> None:
        if self._file(name).exists():
            super().delete_volume(name)


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (Shrinks, drivers.extending_keeps_the_bytes),
        (SharesBytes, drivers.copies_are_independent),
        (CopiesInPlace, driver_kills.creating_survives_kills),
        (MissesTheMissing, drivers.deleting_twice_is_deleting),
        (MissesTheMissing, driver_kills.deleting_survives_kills),
        (TrustsNames, drivers.strange_names_are_refused),
        (StartsOver, drivers.creating_twice_keeps_the_bytes),
        (LeavesHalves, driver_kills.what_was_half_made_can_be_deleted),
    ],
)
def test_the_suite_notices_a_broken_driver(kind: type[DirectoryDriver], check: Check, tmp_path: Path) -> None:
    """Each wrong driver fails the check that is there for its fault."""
    with pytest.raises((AssertionError, OSError, pytest.fail.Exception)):
        check(make_lab(tmp_path, kind))


def test_the_driver_fulfils_the_protocol(tmp_path: Path) -> None:
    """The type checker reads this one: the class is what the contract describes."""
    start: Callable[[DirectorySettings, str], StorageDriver] = DirectoryDriver
    assert start(DirectorySettings(str(tmp_path)), "here").path("volume-a") == str(tmp_path / "volume-a")
