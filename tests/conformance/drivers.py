"""What every storage driver has to do: one list of checks, each run on a `DriverLab`.

A driver's own test file makes a lab and runs them:

    @pytest.mark.parametrize("check", CHECKS, ids=name_of)
    def test_conforms(check, driver_lab):
        check(driver_lab)
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lapilli.model.errors import Malformed
from lapilli.model.values import GIB
from tests.conformance import driver_kills, driver_powers
from tests.conformance.driver_lab import MIB, Check, DriverLab


def name_of(check: Check) -> str:
    return check.__name__


def volumes_have_their_exact_size(lab: DriverLab) -> None:
    """A new volume is as large as asked for, to the byte, and reads as zeros."""
    driver = lab.start()
    for size_gib in (1, 3):
        name = f"volume-{size_gib}"
        driver.create_volume(name, size_gib, lab.pool)
        assert lab.size_bytes(name) == size_gib * GIB
        assert lab.read(name, 0, 4096) == bytes(4096)
        assert lab.read(name, size_gib * GIB - 512, 512) == bytes(512)


def creating_twice_keeps_the_bytes(lab: DriverLab) -> None:
    """The second of two equal calls does nothing, whatever was written between them."""
    driver = lab.start()
    lab.make_sources()
    for mark in (b"b", b"c"):
        driver.create_volume("volume-a", 1, lab.pool)
        driver.create_snapshot("snapshot-a", "volume-a")
        driver.create_volume_from_snapshot("volume-b", 1, "snapshot-a", "volume-a", lab.pool)
        driver.create_volume_from_volume("volume-c", 1, "volume-a", lab.pool)
        lab.assert_filled("snapshot-a", b"a")
        for name in ("volume-a", "volume-b", "volume-c"):
            lab.assert_filled(name, b"a" if mark == b"b" else b"b")
            lab.fill(name, mark)


def volumes_grow_out_of_snapshots_and_volumes(lab: DriverLab) -> None:
    """A copy has its source's bytes, the size asked for, and zeros after the source's end."""
    driver = lab.start()
    lab.make_sources()
    driver.create_volume_from_snapshot("volume-b", 3, "snapshot-a", "volume-a", lab.pool)
    driver.create_volume_from_volume("volume-c", 2, "volume-a", lab.pool)
    for name, size_gib in (("volume-b", 3), ("volume-c", 2)):
        lab.assert_filled(name, b"a")
        assert lab.size_bytes(name) == size_gib * GIB
        assert lab.read(name, GIB, 4096) == bytes(4096)
        lab.write(name, size_gib * GIB - 512, b"z" * 512)
    assert lab.size_bytes("volume-a") == GIB


def copies_are_independent(lab: DriverLab) -> None:
    """What is written to a volume later is not in its clone or its snapshot, nor the other way round."""
    driver = lab.start()
    driver.create_volume("volume-a", 1, lab.pool)
    lab.fill("volume-a", b"a")
    driver.create_volume_from_volume("volume-b", 1, "volume-a", lab.pool)
    driver.create_snapshot("snapshot-a", "volume-a")
    lab.fill("volume-a", b"x")
    lab.assert_filled("volume-b", b"a")
    lab.assert_filled("snapshot-a", b"a")
    driver.create_volume_from_snapshot("volume-c", 1, "snapshot-a", "volume-a", lab.pool)
    lab.fill("volume-b", b"y")
    lab.fill("volume-c", b"z")
    lab.assert_filled("volume-a", b"x")
    lab.assert_filled("snapshot-a", b"a")


def snapshots_stay_when_their_volume_grows(lab: DriverLab) -> None:
    """Extending a volume changes neither bytes nor size of what a snapshot of it gives."""
    driver = lab.start()
    lab.make_sources()
    driver.extend_volume("volume-a", 2)
    driver.create_volume_from_snapshot("volume-b", 1, "snapshot-a", "volume-a", lab.pool)
    lab.assert_filled("volume-b", b"a")
    assert lab.size_bytes("volume-b") == GIB


def deleting_leaves_the_others(lab: DriverLab) -> None:
    """A snapshot can go before what was made of it, a clone before its source, and a source before its clone."""
    driver = lab.start()
    lab.make_sources()
    driver.create_volume_from_snapshot("volume-b", 1, "snapshot-a", "volume-a", lab.pool)
    driver.create_volume_from_volume("volume-c", 1, "volume-a", lab.pool)
    driver.create_volume_from_volume("volume-d", 1, "volume-a", lab.pool)
    driver.delete_volume("volume-d")
    lab.assert_filled("volume-a", b"a")
    driver.delete_snapshot("snapshot-a", "volume-a")
    lab.assert_filled("volume-b", b"a")
    driver.delete_volume("volume-a")
    lab.assert_filled("volume-b", b"a")
    lab.assert_filled("volume-c", b"a")
    driver.delete_volume("volume-b")
    driver.delete_volume("volume-c")
    assert lab.stored() == set()


def deleting_twice_is_deleting(lab: DriverLab) -> None:
    """What is not there, or never was, is deleted without a word; the name is free for an empty volume."""
    driver = lab.start()
    lab.make_sources()
    for _ in range(2):
        driver.delete_snapshot("snapshot-a", "volume-a")
        driver.delete_volume("volume-a")
    driver.delete_volume("volume-never")
    driver.delete_snapshot("snapshot-never", "volume-never")
    assert lab.stored() == set()
    driver.create_volume("volume-a", 1, lab.pool)
    assert lab.read("volume-a", 0, 512) == bytes(512)


def extending_keeps_the_bytes(lab: DriverLab) -> None:
    """A volume grows with its bytes, a second call changes nothing, and a smaller size never shrinks it."""
    driver = lab.start()
    driver.create_volume("volume-a", 1, lab.pool)
    lab.fill("volume-a", b"a")
    for size_gib in (3, 3, 2, 1):
        driver.extend_volume("volume-a", size_gib)
        assert lab.size_bytes("volume-a") == 3 * GIB
    lab.assert_filled("volume-a", b"a")
    assert lab.read("volume-a", 3 * GIB - 512, 512) == bytes(512)


def strange_names_are_refused(lab: DriverLab) -> None:
    """A name that could reach outside the storage, or hide in it, is malformed, whatever is to be done."""
    driver = lab.start()
    calls: tuple[Callable[[str], object], ...] = (
        lambda name: driver.create_volume(name, 1, lab.pool),
        lambda name: driver.create_snapshot(name, "volume-a"),
        lambda name: driver.create_volume_from_volume(name, 1, "volume-a", lab.pool),
        lambda name: driver.create_volume_from_snapshot("volume-b", 1, name, "volume-a", lab.pool),
        lambda name: driver.extend_volume(name, 1),
        driver.delete_volume,
        lambda name: driver.delete_snapshot(name, "volume-a"),
        driver.path,
    )
    for name in ("", ".", "..", ".hidden", "a/b", "../volume-a", "/volume-a", "nul\0byte", "x" * 300):
        for call in calls:
            with pytest.raises(Malformed):
                call(name)
    assert lab.stored() == set()


def a_copy_is_never_cut(lab: DriverLab) -> None:
    """A volume smaller than its source is malformed, and nothing of it stays."""
    driver = lab.start()
    driver.create_volume("volume-a", 2, lab.pool)
    driver.create_snapshot("snapshot-a", "volume-a")
    with pytest.raises(Malformed):
        driver.create_volume_from_volume("volume-b", 1, "volume-a", lab.pool)
    with pytest.raises(Malformed):
        driver.create_volume_from_snapshot("volume-b", 1, "snapshot-a", "volume-a", lab.pool)
    assert lab.stored() == {"volume-a", "snapshot-a"}


def reports_tell_the_space(lab: DriverLab) -> None:
    """The pools have sizes that fit together, an account that survives a restart, and less room after a write."""
    driver = lab.start()
    driver.create_volume("volume-a", 1, lab.pool)
    before = {pool.name: pool for pool in driver.report()}
    assert lab.pool in before
    for pool in before.values():
        assert 0 <= pool.free_gib <= pool.total_gib
        assert pool.account
        assert pool.thin or pool.thick
    if before[lab.pool].thin:
        lab.write("volume-a", 0, os.urandom(16 * MIB))
    else:
        driver.create_volume("volume-b", 1, lab.pool)
    after = {pool.name: pool for pool in lab.start().report()}
    assert {name: pool.account for name, pool in after.items()} == {n: pool.account for n, pool in before.items()}
    assert before[lab.pool].free_gib - after[lab.pool].free_gib >= 15 / 1024


def threads_do_not_meet(lab: DriverLab) -> None:
    """Calls for different volumes run side by side, and equal calls at the same time are as good as one."""
    driver = lab.start()
    lab.make_sources()

    def create(number: int) -> None:
        driver.create_volume_from_volume("volume-shared", 1, "volume-a", lab.pool)
        driver.create_snapshot("snapshot-shared", "volume-a")
        driver.create_volume(f"volume-{number}", 1, lab.pool)

    def extend(number: int) -> None:
        driver.extend_volume("volume-shared", 2 + number)
        driver.extend_volume(f"volume-{number}", 2 + number)

    with ThreadPoolExecutor(4) as threads:
        for call in (create, extend):
            for done in [threads.submit(call, number) for number in range(4)]:
                done.result(60)
    lab.assert_filled("volume-shared", b"a")
    lab.assert_filled("snapshot-shared", b"a")
    assert lab.size_bytes("volume-shared") == 5 * GIB
    own = [f"volume-{number}" for number in range(4)]
    assert [lab.size_bytes(name) for name in own] == [2 * GIB, 3 * GIB, 4 * GIB, 5 * GIB]
    assert lab.stored() == {"volume-a", "snapshot-a", "volume-shared", "snapshot-shared", *own}


CHECKS: tuple[Check, ...] = (
    volumes_have_their_exact_size,
    creating_twice_keeps_the_bytes,
    volumes_grow_out_of_snapshots_and_volumes,
    copies_are_independent,
    snapshots_stay_when_their_volume_grows,
    deleting_leaves_the_others,
    deleting_twice_is_deleting,
    extending_keeps_the_bytes,
    strange_names_are_refused,
    a_copy_is_never_cut,
    reports_tell_the_space,
    threads_do_not_meet,
    *driver_kills.CHECKS,
    *driver_powers.CHECKS,
)
