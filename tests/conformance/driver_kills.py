"""What every storage driver has to do when its process is killed: the second call finishes the first.

These checks are part of `drivers.CHECKS`. Each runs a call again and again, killed before its first system call, before
its second, and so on.
"""

from collections.abc import Callable
from functools import partial

from lapilli.model.protocols.storage import StorageDriver
from tests.conformance.driver_lab import Check, DriverLab, each_kill


def creating_survives_kills(lab: DriverLab) -> None:
    """Killed before any of its system calls, each way to make something is finished by a second call."""
    lab.make_sources()
    for name, (create, size_gib) in _ways_to_create(lab).items():
        for _ in each_kill(lab, create):
            create(lab.start())
            assert lab.stored() == {"volume-a", "snapshot-a", name}
            assert lab.size_bytes(name) == size_gib * lab.gib_bytes
            if name != "volume-empty":
                lab.assert_filled(name, b"a")
            _delete(lab.start(), name)


def what_was_half_made_can_be_deleted(lab: DriverLab) -> None:
    """Killed before any of its system calls, each way to make something is undone by a deletion, without a trace."""
    lab.make_sources()
    for name, (create, _) in _ways_to_create(lab).items():
        for _ in each_kill(lab, create):
            _delete(lab.start(), name)
            assert lab.stored() == {"volume-a", "snapshot-a"}
    lab.assert_filled("volume-a", b"a")


def deleting_survives_kills(lab: DriverLab) -> None:
    """Killed before any of its system calls, a deletion is finished by a second call, and the others stay."""
    lab.make_sources()
    for name, (create, _) in _ways_to_create(lab).items():
        create(lab.start())
        for _ in each_kill(lab, partial(_delete, name=name)):
            _delete(lab.start(), name)
            assert lab.stored() == {"volume-a", "snapshot-a"}
            create(lab.start())
        _delete(lab.start(), name)
    lab.assert_filled("volume-a", b"a")


def extending_survives_kills(lab: DriverLab) -> None:
    """Killed before any of its system calls, an extension is finished by a second call, and the bytes stay."""
    lab.make_sources()
    for _ in each_kill(lab, lambda driver: driver.extend_volume("volume-a", 2)):
        lab.start().extend_volume("volume-a", 2)
        assert lab.size_bytes("volume-a") == 2 * lab.gib_bytes
        lab.assert_filled("volume-a", b"a")
        _delete(lab.start(), "snapshot-a")
        _delete(lab.start(), "volume-a")
        lab.make_sources()


def _ways_to_create(lab: DriverLab) -> dict[str, tuple[Callable[[StorageDriver], None], int]]:
    """Each thing that can be made of the sources: its name, the call, and the size in GiB."""
    return {
        "volume-empty": (lambda driver: driver.create_volume("volume-empty", 2, lab.pool), 2),
        "volume-restored": (
            lambda driver: driver.create_volume_from_snapshot("volume-restored", 2, "snapshot-a", "volume-a", lab.pool),
            2,
        ),
        "volume-clone": (lambda driver: driver.create_volume_from_volume("volume-clone", 2, "volume-a", lab.pool), 2),
        "snapshot-b": (lambda driver: driver.create_snapshot("snapshot-b", "volume-a"), 1),
    }


def _delete(driver: StorageDriver, name: str) -> None:
    if name.startswith("snapshot"):
        driver.delete_snapshot(name, "volume-a")
    else:
        driver.delete_volume(name)


CHECKS: tuple[Check, ...] = (
    creating_survives_kills,
    what_was_half_made_can_be_deleted,
    deleting_survives_kills,
    extending_survives_kills,
)
