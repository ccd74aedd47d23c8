"""What storage drivers with further powers have to do. A driver without a power skips its checks.

These checks are part of `drivers.CHECKS`.
"""

import os
from typing import cast

import pytest

from lapilli.model.errors import Malformed, NotFound
from lapilli.model.protocols.storage import ManagesExisting, ReceivesBytes, RevertsSnapshots, StorageDriver
from lapilli.model.values import GIB
from tests.conformance.driver_lab import MIB, Check, DriverLab, each_kill


def _with(lab: DriverLab, power: type) -> StorageDriver:
    driver = lab.start()
    if not isinstance(driver, power):
        pytest.skip(f"this driver is not one that {power.__name__}")
    return driver


def _reverter(lab: DriverLab) -> RevertsSnapshots:
    return cast("RevertsSnapshots", _with(lab, RevertsSnapshots))


def _manager(lab: DriverLab) -> ManagesExisting:
    return cast("ManagesExisting", _with(lab, ManagesExisting))


def _receiver(lab: DriverLab) -> ReceivesBytes:
    return cast("ReceivesBytes", _with(lab, ReceivesBytes))


def _go_on() -> None:
    """Nothing ends the work."""


def reverting_brings_the_bytes_back(lab: DriverLab) -> None:
    """The volume is as the snapshot, which stays, and what was made of either stays as it was; also a second time."""
    driver = _reverter(lab)
    lab.make_sources()
    lab.fill("volume-a", b"x")
    lab.start().create_volume_from_volume("volume-b", 1, "volume-a", lab.pool)
    for _ in range(2):
        driver.revert_to_snapshot("volume-a", "snapshot-a")
        lab.assert_filled("volume-a", b"a")
        lab.assert_filled("snapshot-a", b"a")
        lab.assert_filled("volume-b", b"x")
        lab.fill("volume-a", b"y")
    assert lab.stored() == {"volume-a", "snapshot-a", "volume-b"}


def reverting_survives_kills(lab: DriverLab) -> None:
    """Killed before any of its system calls, it is finished by a second call."""
    _reverter(lab)
    lab.make_sources()
    lab.fill("volume-a", b"x")
    for _ in each_kill(
        lab, lambda driver: cast("RevertsSnapshots", driver).revert_to_snapshot("volume-a", "snapshot-a")
    ):
        _reverter(lab).revert_to_snapshot("volume-a", "snapshot-a")
        lab.assert_filled("volume-a", b"a")
        assert lab.stored() == {"volume-a", "snapshot-a"}
        lab.fill("volume-a", b"x")


def what_exists_is_adopted_and_released(lab: DriverLab) -> None:
    """It is found, takes the new name with its bytes and grows; and has its old name again afterwards."""
    manager = _manager(lab)
    lab.start().create_volume("other-disk", 1, lab.pool)
    lab.fill("other-disk", b"a")
    (found,) = manager.existing()
    assert (found.name, found.size_bytes) == ("other-disk", GIB)
    assert manager.existing_name({"source-name": "other-disk"}) == "other-disk"
    for _ in range(2):
        manager.adopt("volume-a", "other-disk", 2)
        assert lab.stored() == {"volume-a"}
        assert lab.size_bytes("volume-a") == 2 * GIB
        lab.assert_filled("volume-a", b"a")
    for _ in range(2):
        manager.release("volume-a", "other-disk")
        assert lab.stored() == {"other-disk"}
        lab.assert_filled("other-disk", b"a")


def adopting_survives_kills(lab: DriverLab) -> None:
    """Killed before any of its system calls, it is finished, or undone, by the next call."""
    manager = _manager(lab)
    lab.start().create_volume("other-disk", 1, lab.pool)
    lab.fill("other-disk", b"a")
    for number in each_kill(lab, lambda driver: cast("ManagesExisting", driver).adopt("volume-a", "other-disk", 2)):
        if number % 2:
            manager.adopt("volume-a", "other-disk", 2)
            lab.assert_filled("volume-a", b"a")
            assert lab.size_bytes("volume-a") == 2 * lab.gib_bytes
        manager.release("volume-a", "other-disk")
        assert lab.stored() == {"other-disk"}
    lab.assert_filled("other-disk", b"a")


def bad_references_are_refused(lab: DriverLab) -> None:
    """What is no reference is malformed, and what is not there is not found; nothing is touched."""
    manager = _manager(lab)
    lab.make_sources()
    for reference in ({}, {"name": "volume-a"}, {"source-name": ""}, {"source-name": "../volume-a"}):
        with pytest.raises(Malformed):
            manager.existing_name(reference)
    with pytest.raises(NotFound):
        manager.adopt("volume-b", "other-disk", 1)
    manager.release("volume-b", "other-disk")
    assert lab.stored() == {"volume-a", "snapshot-a"}


def bytes_are_received(lab: DriverLab) -> None:
    """A volume gets the bytes of a file, over whatever it had, and holes where the file has them; also twice."""
    receiver = _receiver(lab)
    driver = lab.start()
    driver.create_volume("volume-a", 1, lab.pool)
    lab.fill("volume-a", b"a")
    driver.create_volume("volume-b", 2, lab.pool)
    lab.fill("volume-b", b"x")
    lab.write("volume-b", 200 * MIB, b"x" * 512)
    source = str(lab.device(driver, "volume-a"))
    receiver.check_source("volume-b", source)
    assert receiver.differs_from("volume-b", source, _go_on) == 0
    for _ in range(2):
        receiver.receive("volume-b", source, _go_on)
        lab.assert_filled("volume-b", b"a")
        assert receiver.differs_from("volume-b", source, _go_on) is None
    lab.write("volume-b", 300 * MIB + 17, b"?")
    assert receiver.differs_from("volume-b", source, _go_on) == 300 * MIB + 17


def receiving_is_ended_from_outside(lab: DriverLab) -> None:
    """Whatever is raised between two pieces ends the copy, and the next call finishes it."""
    receiver = _receiver(lab)
    driver = lab.start()
    for name in ("volume-a", "volume-b"):
        driver.create_volume(name, 1, lab.pool)
    lab.fill("volume-a", b"a")
    lab.write("volume-a", 500 * MIB, os.urandom(12 * MIB))
    source, calls = str(lab.device(driver, "volume-a")), []

    def stop() -> None:
        calls.append(1)
        if len(calls) > 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        receiver.receive("volume-b", source, stop)
    assert receiver.differs_from("volume-b", source, _go_on) is not None
    receiver.receive("volume-b", source, _go_on)
    assert receiver.differs_from("volume-b", source, _go_on) is None


def a_volume_does_not_receive_itself(lab: DriverLab) -> None:
    """The same storage under another name, and what is not there, are refused before anything is made."""
    receiver = _receiver(lab)
    driver = lab.start()
    driver.create_volume("volume-a", 1, lab.pool)
    for source in (str(lab.device(driver, "volume-a")), "/nowhere/volume-a", "/"):
        with pytest.raises(Malformed):
            receiver.check_source("volume-a", source)


KILLS: tuple[Check, ...] = (reverting_survives_kills, adopting_survives_kills)
CHECKS: tuple[Check, ...] = (
    *KILLS,
    reverting_brings_the_bytes_back,
    what_exists_is_adopted_and_released,
    bad_references_are_refused,
    bytes_are_received,
    receiving_is_ended_from_outside,
    a_volume_does_not_receive_itself,
)
