"""Moving volumes: whatever happens on the way, there is one good volume, and its row says where."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.model.errors import BackendFailed, Conflict
from lapilli.operations import create_volume, extend_volume, migrate_volume, reset_volume
from lapilli.operations.create_volume import Wish
from lapilli.scheduler.filters import CapacityFilter
from lapilli.work import administration
from tests.unit.operations.lab import ADMIN, RULES, TENANT, Backend, Lab

MARK_AT = 500_000_000


class Driver(DirectoryDriver):
    """Does what a test wants when it is half done."""

    receives: Callable[[], object] = staticmethod(lambda: None)
    deletes: Callable[[], object] = staticmethod(lambda: None)

    def receive(self, name: str, source: str, go_on: Callable[[], None]) -> None:
        self.receives()
        super().receive(name, source, go_on)

    def delete_volume(self, name: str) -> None:
        super().delete_volume(name)
        self.deletes()


def use(lab: Lab, backend: Backend, directory: str = "", kind: type[DirectoryDriver] = Driver) -> Driver:
    """Let the backend work with a driver of this kind."""
    driver = kind(DirectorySettings(directory or str(backend.directory), 20), backend.name)
    backend.desk = replace(backend.desk, driver=driver)
    lab.schedule(CapacityFilter())
    return driver  # type: ignore[return-value]


def migrate(lab: Lab, volume_id: str, to: Backend, *, lock: bool = False) -> None:
    lab.ask(migrate_volume.admit, ADMIN, RULES, volume_id, host=to.pool, cluster=None, lock_volume=lock)


def begin(lab: Lab, *, lock: bool = False) -> str:
    """A volume with a mark that is about to move from the first to the second backend."""
    volume_id = lab.create()
    with (lab.first.directory / f"volume-{volume_id}").open("r+b") as file:
        file.seek(MARK_AT)
        file.write(b"mark")
    migrate(lab, volume_id, lab.second, lock=lock)
    return volume_id


def where(lab: Lab, volume_id: str) -> tuple[str, str, str | None]:
    """The one backend that has the volume, with its bytes; its status and migration status."""
    row = lab.volume(volume_id)
    (backend,) = (each for each in lab.backends if each.pool == row.host)
    for each in lab.backends:
        assert each.files() == ({f"volume-{volume_id}"} if each is backend else set())
        assert lab.allocated(each) == ((1, 1) if each is backend else (0, 0))
    with (backend.directory / f"volume-{volume_id}").open("rb") as file:
        file.seek(MARK_AT)
        assert file.read(4) == b"mark"
    assert (row.destination, row.new_type_id, row.previous_status if row.status != "maintenance" else None) == (
        None,
        None,
        None,
    )
    return backend.name, row.status, row.migration_status


@pytest.mark.parametrize("lock", [False, True])
def test_moved(lab: Lab, lock: bool) -> None:
    """At the end it is there, and free."""
    volume_id = begin(lab, lock=lock)
    lab.work()
    assert where(lab, volume_id) == ("second", "available", "success")
    assert lab.decisions(volume_id)[-1].chosen == lab.second.pool


def raises() -> None:
    raise BackendFailed("the disk is gone")


@pytest.mark.parametrize("lock", [False, True])
def test_fault_of_the_destination(lab: Lab, lock: bool) -> None:
    """The copy is gone, the volume is where it was and can be moved again."""
    use(lab, lab.second).receives = raises
    volume_id = begin(lab, lock=lock)
    lab.work()
    assert where(lab, volume_id) == ("first", "available", "error")
    use(lab, lab.second)
    migrate(lab, volume_id, lab.second)
    lab.work()
    assert where(lab, volume_id) == ("second", "available", "success")


def test_fault_of_the_source_at_the_end(lab: Lab) -> None:
    """What cannot be deleted at the source does not matter to the volume, and the operation tells of it."""
    volume_id = begin(lab)
    use(lab, lab.first).deletes = raises
    lab.work()
    assert where(lab, volume_id) == ("second", "available", "success")
    operation = lab.operation(volume_id)
    assert (operation.outcome, operation.error) == ("failed", "the disk is gone")


def test_cancel_on_the_way(lab: Lab) -> None:
    """A copy ends between two pieces when somebody asks, and nothing of it is left."""
    driver = use(lab, lab.second)
    volume_id = begin(lab)

    def cancel() -> None:
        lab.ask(administration.cancel, lab.operation(volume_id).id)
        raise BackendFailed("not now")

    driver.receives = cancel
    lab.work()
    assert where(lab, volume_id) == ("first", "available", "error")
    assert lab.operation(volume_id).outcome == "cancelled"


def test_cancel_before_it_begins(lab: Lab) -> None:
    """Nothing was reserved yet."""
    volume_id = begin(lab, lock=True)
    lab.ask(administration.cancel, lab.operation(volume_id).id)
    lab.work()
    assert where(lab, volume_id) == ("first", "available", "error")


def test_storage_that_takes_no_copies(lab: Lab) -> None:
    """A destination without the power says so."""

    class Cannot(DirectoryDriver):
        receive = None  # type: ignore[assignment]

    use(lab, lab.second, kind=Cannot)
    volume_id = begin(lab)
    lab.work()
    assert where(lab, volume_id) == ("first", "available", "error")
    assert "cannot take copies" in lab.operation(volume_id).error


def test_two_backends_on_one_directory(lab: Lab) -> None:
    """The source is not taken for its own copy, and not deleted as one."""
    use(lab, lab.second, directory=str(lab.first.directory))
    volume_id = begin(lab)
    lab.work()
    assert where(lab, volume_id) == ("first", "available", "error")
    assert "the same" in lab.operation(volume_id).error


def test_source_out_of_reach(lab: Lab) -> None:
    """A file that the destination's machine does not have is named, and the volume is as it was."""
    volume_id = begin(lab)
    lab.round()  # placed
    lab.round()  # located
    path = lab.first.directory / f"volume-{volume_id}"
    path.rename(path.with_name(".away"))
    lab.work()
    path.with_name(".away").rename(path)
    assert where(lab, volume_id) == ("first", "available", "error")
    assert f"{path} cannot be read" in lab.operation(volume_id).error


def test_nothing_else_meanwhile(lab: Lab) -> None:
    """At every step of the way, the volume does nothing else."""
    volume_id = begin(lab)
    rounds = 0
    while lab.volume(volume_id).migration_status != "success":
        for verb in (
            lambda: lab.ask(extend_volume.admit, TENANT, RULES, volume_id, 2, online=True),
            lambda: lab.ask(create_volume.admit, TENANT, RULES, Wish(source_volid=volume_id)),
            lambda: lab.reserve(volume_id),
            lambda: lab.begin_snapshot(volume_id, force=True),
            lambda: migrate(lab, volume_id, lab.first),
        ):
            with pytest.raises(Conflict):
                verb()
        assert lab.round() or lab.hurry()
        rounds += 1
    assert rounds > 3
    assert where(lab, volume_id) == ("second", "available", "success")


def test_exported_to_a_broken_host(lab: Lab) -> None:
    """A volume that a host may still write to is not moved."""
    volume_id = lab.create()
    attachment_id = lab.attach(volume_id)
    lab.first.target.before["unexport"] = raises
    lab.detach(attachment_id)
    with pytest.raises(Conflict, match="in-use"):
        migrate(lab, volume_id, lab.second)
    lab.ask(reset_volume.reset, volume_id, status="available")
    with pytest.raises(Conflict, match="exported"):
        migrate(lab, volume_id, lab.second)
