"""What was deleted comes back to its pool when it has been wiped, and nobody waits for that but the pool."""

import logging
from contextlib import suppress
from pathlib import Path

import pytest

from lapilli.db import pools
from lapilli.db.engine import Database
from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB
from lapilli.operations import (
    create_volume,
    delete_snapshot,
    delete_volume,
    migrate_volume,
    report_pools,
    wipe_volume,
)
from lapilli.operations.create_volume import Wish
from lapilli.operations.desks import volume_queue
from lapilli.work import administration, queue
from tests.unit.operations import group_lab
from tests.unit.operations.lab import ADMIN, RULES, TENANT, Lab, fail
from tests.wiping import PREFIX, WipingDriver


@pytest.fixture
def lab(db: Database, tmp_path: Path) -> Lab:
    """Backends whose deleted volumes have to be wiped."""
    return Lab(db, tmp_path, WipingDriver)


def delete(lab: Lab, volume_id: str, *, cascade: bool = False) -> None:
    lab.ask(delete_volume.admit, TENANT, volume_id, cascade=cascade)


def aside(lab: Lab) -> list[str]:
    """What of the first backend waits to be wiped, by the names that it had."""
    return sorted(path.name.partition(".")[2].partition(".")[2] for path in lab.first.directory.glob(f"{PREFIX}*"))


def wipes(lab: Lab) -> list[str | None]:
    """The outcomes of the operations that wipe, None while they live."""
    return [row.outcome for row in lab.see(administration.list_newest, kind="volume.wipe")]


def hold_up(lab: Lab) -> None:
    """From now on nothing can be wiped."""
    lab.first.driver.before["wipe"] = fail


def work(lab: Lab) -> None:
    """All that can be done is done; what waits for the storage waits."""
    with suppress(AssertionError):
        lab.work()


def test_user_does_not_wait(lab: Lab) -> None:
    """The row and the name go at once; the space is taken until it is wiped, the count of volumes is not."""
    volume_id = lab.create(3)
    delete(lab, volume_id)
    assert lab.round() == 1
    assert (lab.status(volume_id), lab.first.files(), lab.allocated(lab.first)) == ("gone", set(), (3, 0))
    assert (aside(lab), wipes(lab)) == ([f"volume-{volume_id}"], [None])
    assert lab.round() == 1
    assert (aside(lab), wipes(lab), lab.allocated(lab.first)) == ([], ["done"], (0, 0))


def test_bytes_are_overwritten(lab: Lab) -> None:
    """Whoever still has the file open reads zeros."""
    volume_id = lab.create()
    with (lab.first.directory / f"volume-{volume_id}").open("r+b") as file:
        file.seek(5 * 1024**2)
        file.write(b"secret")
        file.flush()
        delete(lab, volume_id)
        lab.work()
        file.seek(5 * 1024**2)
        assert file.read(6) == bytes(6)


def test_space_that_waits_is_not_promised(lab: Lab) -> None:
    """A volume that needs the space is made when it is there, and not before."""
    big = lab.create(15)
    hold_up(lab)
    delete(lab, big)
    work(lab)
    early = lab.ask(create_volume.admit, TENANT, RULES, Wish(size_gib=12))
    work(lab)
    assert lab.status(early) == "error"
    lab.first.driver.before.clear()
    lab.work()
    assert lab.status(lab.create(12)) == "available"


def test_storage_that_does_not_wipe_is_asked_for_ever(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """The operation shows what keeps it, outlives any number of faults, and ends when the storage works again."""
    volume_id = lab.create(2)
    hold_up(lab)
    with caplog.at_level(logging.WARNING):
        delete(lab, volume_id)
        work(lab)
    (row,) = lab.see(administration.list_newest, kind="volume.wipe")
    assert (row.outcome, row.error) == (None, "the disk is gone")
    assert row.failures > 5
    assert lab.allocated(lab.first) == (2, 0)
    said = [record.message for record in caplog.records if "waits to be wiped" in record.message]
    assert len(said) == 1
    lab.first.driver.before.clear()
    lab.work()
    assert (wipes(lab), lab.allocated(lab.first)) == (["done"], (0, 0))


def test_cancelling_changes_nothing(lab: Lab) -> None:
    """What is deleted cannot be given back, so the wiping goes on."""
    volume_id = lab.create()
    with (lab.first.directory / f"volume-{volume_id}").open("r+b") as file:
        file.write(b"x")
    delete(lab, volume_id)
    lab.round()
    (row,) = lab.see(administration.list_newest, kind="volume.wipe")
    lab.db.write(lambda tx: administration.cancel(tx, row.id))
    lab.work()
    assert (wipes(lab), aside(lab), lab.allocated(lab.first)) == (["done"], [], (0, 0))


def test_driver_that_forgot_how(lab: Lab, tmp_path: Path) -> None:
    """Space that nobody can wipe stays taken, and the operation says what to do."""
    delete(lab, lab.create())
    lab.round()
    plugin = lab.first.driver.plugin
    lab.first.driver.plugin = DirectoryDriver(DirectorySettings(str(lab.first.directory), 20), "first")
    work(lab)
    (row,) = lab.see(administration.list_newest, kind="volume.wipe")
    assert "Give it back the one that it had" in row.error
    assert lab.allocated(lab.first) == (1, 0)
    lab.first.driver.plugin = plugin
    lab.work()
    assert lab.allocated(lab.first) == (0, 0)


def test_how_far_it_is(lab: Lab) -> None:
    """What is wiped of how much is told while it goes on, and how much its pool waits for until it is done."""
    for volume_id in [lab.create(size_gib) for size_gib in (2, 3)]:
        with (lab.first.directory / f"volume-{volume_id}").open("r+b") as file:
            file.seek(GIB)
            file.write(b"secret")
        delete(lab, volume_id)
    lab.round()
    assert [tuple(row) for row in lab.see(pools.waiting)] == [(lab.first.pool, 2, 5)]
    (job,) = lab.db.write(lambda tx: queue.claim(tx, [volume_queue(lab.first.service)], "another", 1))
    wipe_volume.wipe(job, lab.first.desk)
    assert job.progress == "50% of 2 GiB"
    lab.hurry()
    lab.work()
    assert lab.see(pools.waiting) == []


def test_only_one_at_a_time_of_a_backend(lab: Lab) -> None:
    """However many wait, others of the backend are not held up by them."""
    ids = [lab.create() for _ in range(12)]
    hold_up(lab)
    for volume_id in ids:
        delete(lab, volume_id)
    while any(lab.status(volume_id) != "gone" for volume_id in ids):
        lab.round()
    lab.first.driver.before["wipe"] = lambda: other.append(lab.status(new))
    other: list[str] = []
    new = lab.ask(create_volume.admit, TENANT, RULES, Wish(size_gib=1))
    lab.hurry()
    assert lab.round() == 2  # one that wipes, and one that creates
    lab.work()
    assert (lab.status(new), lab.allocated(lab.first)) == ("available", (1, 1))
    assert other[0] == "creating"


def test_cascade(lab: Lab) -> None:
    """Each snapshot is wiped for itself."""
    volume_id = lab.create(2)
    snapshot_ids = [lab.snapshot(volume_id), lab.snapshot(volume_id)]
    delete(lab, volume_id, cascade=True)
    lab.round()
    assert lab.allocated(lab.first) == (6, 0)
    assert aside(lab) == sorted([f"volume-{volume_id}", *(f"snapshot-{each}" for each in snapshot_ids)])
    lab.work()
    assert (lab.allocated(lab.first), aside(lab), wipes(lab)) == ((0, 0), [], ["done"] * 3)


def test_snapshot(lab: Lab) -> None:
    """It is gone at once, and what it took when it has been wiped."""
    volume_id = lab.create(2)
    snapshot_id = lab.snapshot(volume_id)
    lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.round()
    assert (lab.status(snapshot_id), lab.allocated(lab.first)) == ("gone", (4, 1))
    lab.work()
    assert (lab.allocated(lab.first), aside(lab)) == ((2, 1), [])


def test_creation_that_failed(lab: Lab) -> None:
    """What the first backend made is wiped there, while the volume is made on the second."""
    plugin = lab.first.driver.plugin
    made = plugin.create_volume

    def break_afterwards(name: str, size_gib: int, pool: str) -> None:
        made(name, size_gib, pool)
        raise BackendFailed("broken")

    plugin.create_volume = break_afterwards
    hold_up(lab)
    volume_id = lab.ask(create_volume.admit, TENANT, RULES, Wish(size_gib=3))
    work(lab)
    assert (lab.volume(volume_id).status, lab.volume(volume_id).host) == ("available", lab.second.pool)
    assert (lab.allocated(lab.first), lab.allocated(lab.second)) == ((3, 0), (3, 1))
    lab.first.driver.before.clear()
    lab.work()
    assert (lab.allocated(lab.first), aside(lab)) == ((0, 0), [])


def test_old_place_of_a_volume_that_moved(lab: Lab) -> None:
    """Its space is taken from the switch on until it is wiped."""
    volume_id = lab.create(2)
    hold_up(lab)
    where = {"host": lab.second.pool, "cluster": None}
    lab.ask(migrate_volume.admit, ADMIN, RULES, volume_id, lock_volume=False, **where)
    seen = []
    lab.first.driver.before["set_aside"] = lambda: seen.append(lab.allocated(lab.first))
    work(lab)
    assert (lab.volume(volume_id).host, lab.volume(volume_id).migration_status) == (lab.second.pool, "success")
    assert seen[0] == (2, 0)
    assert (lab.allocated(lab.first), aside(lab)) == ((2, 0), [f"volume-{volume_id}"])
    lab.first.driver.before.clear()
    lab.work()
    assert (lab.allocated(lab.first), aside(lab)) == ((0, 0), [])


def test_group(lab: Lab) -> None:
    """The volumes of a group and its snapshots are wiped one by one."""
    group_id = group_lab.make_group(lab)
    ids = [group_lab.make_member(lab, group_id) for _ in range(2)]
    kept = group_lab.make_group_snapshot(lab, group_id)
    names = [f"snapshot-{row.id}" for row in group_lab.pieces(lab, kept)]
    group_lab.delete_snapshot(lab, kept)
    lab.round()
    assert (group_lab.status(lab, kept), aside(lab), lab.allocated(lab.first)) == ("gone", sorted(names), (4, 2))
    lab.work()
    assert (aside(lab), lab.allocated(lab.first)) == ([], (2, 2))
    group_lab.delete(lab, group_id, with_volumes=True)
    lab.round()
    assert (group_lab.status(lab, group_id), lab.allocated(lab.first)) == ("gone", (2, 0))
    assert aside(lab) == sorted(f"volume-{id}" for id in ids)
    lab.work()
    assert (aside(lab), lab.allocated(lab.first)) == ([], (0, 0))


def test_copies_of_a_group_that_failed(lab: Lab) -> None:
    """Those that were made before the fault are wiped."""
    group_id = group_lab.make_group(lab)
    for _ in range(2):
        group_lab.make_member(lab, group_id)
    calls: list[None] = []

    def break_at_the_second() -> None:
        calls.append(None)
        if len(calls) == 2:
            raise BackendFailed("broken")

    lab.first.driver.before["create_volume_from_volume"] = break_at_the_second
    hold_up(lab)
    copy_id = group_lab.begin_copy(lab, group_id=group_id)
    work(lab)
    assert group_lab.status(lab, copy_id) == "error"
    assert (len(aside(lab)), lab.allocated(lab.first)) == (1, (3, 2))
    lab.first.driver.before.clear()
    lab.work()
    assert (aside(lab), lab.allocated(lab.first)) == ([], (2, 2))


def test_refused(lab: Lab) -> None:
    """A volume that the storage does not let go is in error, with the reason; asked again, it goes."""
    volume_id = lab.create(2)
    snapshot_id = lab.snapshot(volume_id)
    calls: list[None] = []

    def refuse() -> None:
        calls.append(None)
        if len(calls) % 2 == 0:  # the snapshot goes, and then the volume does not
            raise BackendFailed("volume is open")

    lab.first.driver.before["set_aside"] = refuse
    delete(lab, volume_id, cascade=True)
    lab.work()
    assert (lab.status(volume_id), lab.status(snapshot_id)) == ("error_deleting", "error_deleting")
    assert lab.operation(volume_id).error == "volume is open"
    assert [row.event_id for row in lab.complaints(volume_id)] == ["VOLUME_VOLUME_901_901"]
    assert lab.allocated(lab.first) == (4, 1)
    lab.first.driver.before.clear()
    delete(lab, volume_id, cascade=True)
    lab.work()
    assert (lab.status(volume_id), lab.allocated(lab.first), aside(lab)) == ("gone", (0, 0), [])


def test_nothing_left_to_wipe(lab: Lab) -> None:
    """What the storage can free at once comes back at once."""
    volume_id = lab.create(2)
    (lab.first.directory / f"volume-{volume_id}").unlink()
    delete(lab, volume_id)
    lab.round()
    assert (lab.allocated(lab.first), wipes(lab)) == ((0, 0), [])


def test_pool_that_is_no_longer_reported(lab: Lab) -> None:
    """It is remembered while something of it is yet to be wiped."""
    delete(lab, lab.create(2))
    lab.round()
    other = WipingDriver(DirectorySettings(str(lab.first.directory), 20), "other")
    lab.first.driver.plugin = other
    assert report_pools.run(lab.first.desk, {}) is None
    lab.check()
    lab.work()
    assert report_pools.run(lab.first.desk, {}) is None
    assert [row.name for row in lab.see(pools.list_all)] == ["node@first#other", lab.second.pool]
    assert {row.allocated_gib for row in lab.see(pools.list_all)} == {0}
