"""What is particular to the `directory` driver: its reports, its checks and its file systems."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols.storage import PoolReport
from lapilli.model.values import GIB
from tests import mounts

MIB = 1024**2


def make_driver(directory: Path, **settings: Any) -> DirectoryDriver:
    driver = DirectoryDriver(replace(DirectorySettings(str(directory)), **settings), "here")
    driver.check()
    return driver


def report(driver: DirectoryDriver) -> PoolReport:
    (pool,) = driver.report()
    return pool


def write(path: str, size_bytes: int) -> None:
    with Path(path).open("r+b") as file:
        file.write(os.urandom(size_bytes))
        os.fsync(file.fileno())


def test_the_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """Missing parents come along, and nobody else can read the volumes."""
    make_driver(tmp_path / "state" / "volumes")
    assert (tmp_path / "state" / "volumes").stat().st_mode & 0o777 == 0o700


def test_volumes_are_sparse(tmp_path: Path) -> None:
    """A volume larger than the disk takes no space until it is written."""
    driver = make_driver(tmp_path)
    driver.create_volume("volume-a", 4000, "here")
    driver.create_snapshot("snapshot-a", "volume-a")
    driver.create_volume_from_snapshot("volume-b", 5000, "snapshot-a", "volume-a", "here")
    for name, size_gib in (("volume-a", 4000), ("snapshot-a", 4000), ("volume-b", 5000)):
        assert Path(driver.path(name)).stat().st_size == size_gib * GIB
        assert Path(driver.path(name)).stat().st_blocks == 0


def test_two_backends_of_one_directory_share_its_account(tmp_path: Path) -> None:
    """The account is the directory's; another directory has another, and the pool has the backend's name."""
    first = make_driver(tmp_path / "a")
    second = DirectoryDriver(DirectorySettings(str(tmp_path / "a")), "there")
    second.check()
    assert report(first).account == report(second).account
    assert (report(first).name, report(second).name) == ("here", "there")
    assert report(make_driver(tmp_path / "b")).account != report(first).account


def test_the_report_leaves_out_what_others_use(tmp_path: Path) -> None:
    """Total is what volumes use and can still get; free is what they can still get."""
    with mounts.tmpfs(tmp_path, "size=64m"):
        (tmp_path / "other data").write_bytes(bytes(16 * MIB))
        driver = make_driver(tmp_path / "volumes")
        driver.create_volume("volume-a", 1, "here")
        write(driver.path("volume-a"), 8 * MIB)
        pool = report(driver)
        assert pool.total_gib * GIB == pytest.approx(48 * MIB, abs=65536)
        assert pool.free_gib * GIB == pytest.approx(40 * MIB, abs=65536)
        assert pool.thin
        assert not pool.thick


def test_the_report_keeps_to_the_configured_size(tmp_path: Path) -> None:
    """The size that is set, less what the volumes use, is free; never less than nothing."""
    driver = make_driver(tmp_path, directory_size_gib=1)
    driver.create_volume("volume-a", 3, "here")
    write(driver.path("volume-a"), 8 * MIB)
    assert report(driver).total_gib == 1
    assert report(driver).free_gib * GIB == pytest.approx(GIB - 8 * MIB, abs=65536)


def test_a_size_beyond_the_file_system_is_not_believed(tmp_path: Path) -> None:
    """What is not there is not promised."""
    with mounts.tmpfs(tmp_path, "size=64m"):
        pool = report(make_driver(tmp_path, directory_size_gib=100))
        assert pool.total_gib * GIB == pytest.approx(64 * MIB, abs=65536)
        assert pool.free_gib <= pool.total_gib


def test_the_report_has_the_operators_limits(tmp_path: Path) -> None:
    """Reserve and over-subscription are among the capabilities, under Cinder's names."""
    driver = make_driver(tmp_path, reserved_percentage=7, max_over_subscription_ratio="auto")
    capabilities = report(driver).capabilities
    assert capabilities["reserved_percentage"] == 7
    assert capabilities["max_over_subscription_ratio"] == "auto"
    assert isinstance(capabilities["copies_snapshots"], bool)


def test_a_directory_that_went_away_is_told(tmp_path: Path) -> None:
    """An unmounted file system shows as a missing mark, and is not reported as an empty pool."""
    with mounts.tmpfs(tmp_path, "size=1m"):
        driver = make_driver(tmp_path)
    with pytest.raises(BackendFailed, match=r"\.lapilli-pool: No such file or directory\. Look whether .* is mounted"):
        driver.report()


def test_a_read_only_file_system_is_told(tmp_path: Path) -> None:
    """The check says that the file system has to be mounted for writing."""
    with (
        mounts.tmpfs(tmp_path, "ro"),
        pytest.raises(BackendFailed, match=r"Read-only file system\. Mount its file sys"),
    ):
        make_driver(tmp_path)


@pytest.mark.parametrize("place", ["file", "file/volumes"])
def test_something_else_at_the_place_is_told(tmp_path: Path, place: str) -> None:
    """A file where the directory or its parent should be is named, and stays."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BackendFailed, match=r"file.*: (File exists|Not a directory)\. Name a directory"):
        make_driver(tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_directory_of_somebody_else_is_told(tmp_path: Path) -> None:
    """A user without the right to write there is told to get it."""
    tmp_path.chmod(0o555)
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            DirectoryDriver(DirectorySettings(str(tmp_path)), "here").check()
        except BackendFailed as told:
            os._exit(42 if "Give this process's user the right" in str(told) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42


@pytest.mark.parametrize("ratio", ["0.9", "many", "", "nan"])
def test_a_senseless_ratio_is_told(tmp_path: Path, ratio: str) -> None:
    """Less than 1, or no number, is not a ratio."""
    with pytest.raises(BackendFailed, match="write a number from 1, or auto"):
        make_driver(tmp_path, max_over_subscription_ratio=ratio)


def test_a_full_directory_still_deletes(tmp_path: Path) -> None:
    """A copy without space is refused and leaves nothing; check and deletion work, and then there is space."""
    with mounts.tmpfs(tmp_path, "size=8m"):
        driver = make_driver(tmp_path)
        driver.create_volume("volume-a", 1, "here")
        write(driver.path("volume-a"), 6 * MIB)
        with pytest.raises(BackendFailed, match=r"needs 6 MiB and its file system has 2 MiB free"):
            driver.create_volume_from_volume("volume-b", 1, "volume-a", "here")
        assert {entry.name for entry in tmp_path.iterdir()} == {".lapilli-pool", "volume-a"}
        driver.check()
        driver.delete_volume("volume-a")
        assert report(driver).free_gib * GIB == pytest.approx(8 * MIB, abs=65536)


def test_a_volume_of_another_size_is_not_taken_for_the_one_asked_for(tmp_path: Path) -> None:
    """A file of this name that something else made is neither used nor changed."""
    driver = make_driver(tmp_path)
    (tmp_path / "volume-a").write_text("something else")
    with pytest.raises(BackendFailed, match=r"volume-a exists already and has .* GiB, not 1\."):
        driver.create_volume("volume-a", 1, "here")
    assert (tmp_path / "volume-a").read_text() == "something else"


def test_a_missing_source_is_told(tmp_path: Path) -> None:
    """The file that is not there is named, and nothing is made."""
    driver = make_driver(tmp_path)
    with pytest.raises(BackendFailed, match=r"volume-gone: No such file"):
        driver.create_snapshot("snapshot-a", "volume-gone")
    with pytest.raises(BackendFailed, match=r"volume-gone: No such file"):
        driver.create_volume_from_volume("volume-a", 1, "volume-gone", "here")
    assert {entry.name for entry in tmp_path.iterdir()} == {".lapilli-pool"}


def test_another_pool_is_refused(tmp_path: Path) -> None:
    """A volume that was placed elsewhere is not made here."""
    with pytest.raises(Malformed, match="one pool, here, and not there"):
        make_driver(tmp_path).create_volume("volume-a", 1, "there")
