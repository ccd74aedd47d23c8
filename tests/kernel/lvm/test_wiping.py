"""Deleted thick volumes are gone at once, and their space is free when nobody can read in it any more."""

from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB
from tests.kernel.lvm_lab import MIB, driver_of, read, thick, thin, volumes, write


def go_on(_done_bytes: int, _total_bytes: int) -> None:
    """Nothing ends the work."""


def test_deleting_is_quick_and_then_slow(group: str) -> None:
    """The volume is gone at once, its space when it is wiped; in between it has a name of ours, and is inactive."""
    driver = thick(group)
    driver.create_volume("volume-a", 2, "here")
    for offset in (0, GIB, 2 * GIB - MIB):
        write(driver.path("volume-a"), offset, b"secret" * 100)
    (before,) = driver.report()
    asides = {driver.set_aside("volume-a") for _ in range(2)}
    (aside,) = asides
    assert aside is not None
    assert set(volumes(group)) == {aside}
    assert list(driver.existing()) == []
    assert driver.report()[0].free_gib == before.free_gib
    calls = []

    def stop(_done_bytes: int, _total_bytes: int) -> None:
        calls.append(1)
        if len(calls) > 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        driver.wipe(aside, stop)
    thick(group)  # a restart in between does not bring it back
    assert set(volumes(group)) == {aside}
    assert driver.report()[0].free_gib == before.free_gib
    for _ in range(2):
        driver.wipe(aside, go_on)
    assert volumes(group) == {}
    assert driver.report()[0].free_gib == before.free_gib + 2
    assert driver.set_aside("volume-a") is None
    driver.create_volume("volume-b", 2, "here")
    for offset in (0, GIB, 2 * GIB - MIB):
        assert read(driver.path("volume-b"), offset, MIB) == bytes(MIB)


def test_the_name_is_free_while_it_is_wiped(group: str) -> None:
    """A volume that comes back under the same name, and goes again, has an aside of its own."""
    driver = thick(group)
    names = []
    for _ in range(2):
        driver.create_volume("volume-a", 1, "here")
        names.append(driver.set_aside("volume-a"))
    assert len(set(names)) == 2
    for name in names:
        assert name
        driver.wipe(name, go_on)
    assert volumes(group) == {}


def test_what_a_snapshot_has_kept_is_wiped(group: str) -> None:
    """Its room holds what the volume had: the next volume there does not."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    write(driver.path("volume-a"), 0, b"secret" * 10000)
    driver.create_snapshot("snapshot-a", "volume-a")
    write(driver.path("volume-a"), 0, b"public" * 10000)
    driver.delete_snapshot("snapshot-a", "volume-a")
    driver.create_volume("volume-b", 1, "here")
    with Path(driver.path("volume-b")).open("rb") as file:
        while data := file.read(64 * MIB):
            assert b"secret" not in data


def test_nothing_else_is_wiped(group: str) -> None:
    """Only what was set aside: a volume's own name is refused."""
    driver = thick(group)
    driver.create_volume("volume-a", 1, "here")
    with pytest.raises(BackendFailed, match="not wiped"):
        driver.wipe("volume-a", go_on)
    assert set(volumes(group)) == {"volume-a"}


def test_without_wiping_nothing_is_left_for_later(group: str) -> None:
    """With volume_clear=none, and for thin volumes, deleting is done at once."""
    careless = driver_of(group, lvm_type="default", volume_clear="none")
    careless.check()
    careless.create_volume("volume-a", 1, "here")
    careless.create_snapshot("snapshot-a", "volume-a")
    assert careless.set_aside("snapshot-a") is None
    assert careless.set_aside("volume-a") is None
    driver = thin(group)
    driver.create_volume("volume-a", 1, "here")
    assert driver.set_aside("volume-a") is None
    assert volumes(group) == {}
