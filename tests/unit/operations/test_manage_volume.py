"""Taking over what is on a storage: it is ours whole, or not at all."""

from dataclasses import replace

import pytest

from lapilli.db import quotas
from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.model.errors import BackendFailed, Conflict, Malformed, QuotaExceeded
from lapilli.model.values import GIB
from lapilli.operations import (
    delete_volume,
    list_manageable,
    manage_snapshot,
    manage_volume,
    reset_volume,
    unmanage_volume,
)
from lapilli.operations.admission import Rules
from lapilli.scheduler.filters import CapabilitiesFilter, CapacityFilter
from lapilli.work import administration
from tests.unit.operations.lab import ADMIN, RULES, Lab

DISK = {"source-name": "disk"}


class Breaks(DirectoryDriver):
    """Takes over, and says that it failed."""

    def adopt(self, name: str, existing: str, size_gib: int) -> None:
        super().adopt(name, existing, size_gib)
        raise BackendFailed("the disk is gone")


class Cannot(DirectoryDriver):
    """A storage without the power."""

    adopt = None  # type: ignore[assignment]


def use(lab: Lab, kind: type[DirectoryDriver]) -> None:
    driver = kind(DirectorySettings(str(lab.first.directory), 20), lab.first.name)
    lab.first.desk = replace(lab.first.desk, driver=driver)
    lab.schedule(CapacityFilter(), CapabilitiesFilter())


def put(lab: Lab, size_bytes: int = GIB) -> None:
    with (lab.first.directory / "disk").open("wb") as file:
        file.truncate(size_bytes)


def manage(lab: Lab, *, rules: Rules = RULES, **wish: str) -> str:
    wish.setdefault("host", lab.first.pool)
    return lab.ask(manage_volume.admit, ADMIN, rules, manage_volume.Wish(DISK, **wish))  # type: ignore[arg-type]


@pytest.mark.parametrize("size_bytes", [1, GIB, 2 * GIB - 1, 19 * GIB])
def test_size(lab: Lab, size_bytes: int) -> None:
    """It is rounded up to whole GiB, in the row, in the pool and on the storage, and needs no free space."""
    put(lab, size_bytes)
    volume_id = manage(lab)
    lab.work()
    size_gib = -(-size_bytes // GIB)
    assert (lab.status(volume_id), lab.volume(volume_id).size_gib) == ("available", size_gib)
    assert lab.allocated(lab.first) == (size_gib, 1)
    assert lab.first.files() == {f"volume-{volume_id}"}
    assert lab.first.size_gib(f"volume-{volume_id}") == size_gib


def test_pool_that_is_full(lab: Lab) -> None:
    """The bytes are there already: a pool without room takes them."""
    lab.create(20)
    put(lab, 2 * GIB)
    volume_id = manage(lab)
    lab.work()
    assert lab.status(volume_id) == "available"
    assert lab.allocated(lab.first) == (22, 2)


@pytest.mark.parametrize("kind", [Breaks, Cannot])
def test_fault_of_the_backend(lab: Lab, kind: type[DirectoryDriver]) -> None:
    """The file has its old name again, and the volume can be deleted without touching it."""
    put(lab)
    use(lab, kind)
    volume_id = manage(lab)
    lab.work()
    assert (lab.status(volume_id), lab.first.files()) == ("error_managing", {"disk"})
    assert lab.allocated(lab.first) == (0, 0)
    lab.ask(delete_volume.admit, ADMIN, volume_id)
    assert (lab.status(volume_id), lab.first.files()) == ("gone", {"disk"})


@pytest.mark.parametrize("rounds", [0, 1])
def test_cancel(lab: Lab, rounds: int) -> None:
    """Given up, it is as if it had never been asked for but for the row."""
    put(lab)
    volume_id = manage(lab)
    for _ in range(rounds):
        lab.round()
    lab.ask(administration.cancel, lab.operation(volume_id).id)
    lab.work()
    assert (lab.status(volume_id), lab.first.files()) == ("error_managing", {"disk"})
    assert lab.allocated(lab.first) == (0, 0)


def test_type_that_the_pool_is_not(lab: Lab) -> None:
    """The scheduler says no, and why."""
    put(lab)
    volume_id = manage(lab, volume_type=lab.type("other", volume_backend_name="second"))
    lab.work()
    assert (lab.status(volume_id), lab.first.files()) == ("error_managing", {"disk"})
    assert "volume_backend_name" in lab.operation(volume_id).error


def test_quota(lab: Lab) -> None:
    """The number counts at once, and the size when it is known."""
    put(lab, 5 * GIB)
    with pytest.raises(QuotaExceeded):
        manage(lab, rules=Rules(quota={"volumes": 0}))
    volume_id = manage(lab, rules=Rules(quota={"gigabytes": 4}))
    lab.work()
    assert (lab.status(volume_id), lab.first.files()) == ("error_managing", {"disk"})
    assert lab.see(quotas.usage, ADMIN.project_id)["gigabytes"] == 0
    assert "gigabytes" in lab.operation(volume_id).error


def test_service_that_is_down(lab: Lab) -> None:
    """A service that has not beaten for a while is given nothing."""
    with pytest.raises(Malformed, match="down"):
        manage(lab, rules=Rules(service_down_time_s=-1.0))


@pytest.mark.parametrize("kind", [Breaks, Cannot])
def test_snapshot_fault_of_the_backend(lab: Lab, kind: type[DirectoryDriver]) -> None:
    """The file has its old name again, and the snapshot takes no space."""
    volume_id = lab.create()
    put(lab)
    use(lab, kind)
    wish = manage_snapshot.Wish(volume_id, DISK)
    snapshot_id = lab.ask(manage_snapshot.admit, ADMIN, RULES, wish)
    lab.work()
    assert (lab.status(snapshot_id), lab.first.files()) == ("error", {f"volume-{volume_id}", "disk"})
    assert lab.allocated(lab.first) == (1, 1)


def test_unmanage_after_a_broken_detachment(lab: Lab) -> None:
    """What is left of the export goes, and then the row."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)

    def fail() -> None:
        raise BackendFailed("no")

    lab.first.target.before["unexport"] = fail
    lab.detach(attachment_id)
    with pytest.raises(Conflict, match="in-use"):
        lab.ask(unmanage_volume.admit, ADMIN, volume_id)
    lab.ask(reset_volume.reset, volume_id, status="available")
    lab.ask(unmanage_volume.admit, ADMIN, volume_id)
    lab.work()
    assert lab.status(volume_id) == "error_unmanaging"
    lab.first.target.before.clear()
    lab.ask(unmanage_volume.admit, ADMIN, volume_id)
    lab.work()
    assert (lab.status(volume_id), lab.status(attachment_id), lab.first.granted()) == ("gone", "gone", {})
    assert lab.first.files() == {f"volume-{volume_id}"}
    assert lab.allocated(lab.first) == (0, 0)


def test_unmanage_what_was_never_placed(lab: Lab) -> None:
    """There is nothing to leave."""
    volume_id = lab.create(900)
    lab.ask(unmanage_volume.admit, ADMIN, volume_id)
    assert lab.status(volume_id) == "gone"


def test_list_of_a_storage_that_cannot(lab: Lab) -> None:
    """The answer is that it cannot be done, and not that it failed."""
    use(lab, Cannot)
    operation_id = lab.ask(list_manageable.admit, ADMIN, lab.first.service, snapshots=False)
    lab.work()
    (row,) = [row for row in lab.see(administration.list_newest) if row.id == operation_id]
    assert row.outcome == "refused"
    assert "cannot take over" in row.error
