"""A small cloud, worked step by step: a scheduler and two backends in directories, with targets in memory.

After each request and each piece of work the rows are asked for what must always be true of them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, insert, update

from lapilli.db import attachments, decisions, invariants, messages, pools, services, snapshots, types, volumes
from lapilli.db.engine import Database
from lapilli.db.listing import Page
from lapilli.db.rows import AnyRow
from lapilli.db.schema import metadata, operations
from lapilli.db.schema import volume_types as types_table
from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.machine.images.workshop import ConversionSettings, Workshop
from lapilli.model.errors import BackendFailed
from lapilli.model.values import Caller, Connector
from lapilli.operations import (
    attach_volume,
    connect_attachment,
    create_snapshot,
    create_volume,
    disconnect_attachment,
    report_pools,
)
from lapilli.operations.admission import Rules
from lapilli.operations.desks import SCHEDULER_QUEUE, Names, SchedulerDesk, Turns, VolumeDesk, volume_queue
from lapilli.operations.registry import OPERATIONS
from lapilli.scheduler.filters import AvailabilityZoneFilter, CapabilitiesFilter, CapacityFilter, Filter
from lapilli.scheduler.weighers import CapacityWeigher, SchedulerSettings
from lapilli.work import administration
from lapilli.work.runner import Runner
from lapilli.work.wake import LocalWake
from tests.http.target import MemoryTarget
from tests.image_service import DirectoryImages

TYPE = "5a6f6e65-0000-4000-8000-000000000001"
RULES = Rules()
TENANT = Caller("someone", "p", frozenset({"member"}), is_admin=False)
STRANGER = Caller("other", "q", frozenset({"member"}), is_admin=False)
ADMIN = Caller("admin", "a", frozenset({"admin"}), is_admin=True)
_MOST_ROUNDS = 60

P = ParamSpec("P")
T = TypeVar("T")


def forgo_durability(connection: Any, _record: object) -> None:
    """No test of verbs cuts the power."""
    connection.execute("PRAGMA synchronous=OFF")


def host(number: int) -> Connector:
    """What the host of that number says of itself."""
    return {"initiator": f"iqn.2026-01.org.example:{number}", "host": f"host{number}"}


def fail() -> None:
    """A backend's fault."""
    raise BackendFailed("the disk is gone")


class Beforehand:
    """A plug-in that first does what a test wants before one of its methods, by the method's name."""

    def __init__(self, plugin: Any) -> None:
        self.plugin = plugin
        self.before: dict[str, Callable[[], object]] = {}

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.plugin, name)
        if name not in self.before:
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            self.before[name]()
            return method(*args, **kwargs)

        return call


class Backend:
    """A volume service of one pool: its driver, its target, and the desk of its workers."""

    def __init__(
        self, db: Database, directory: Path, size_gib: int, zone: str, driver: type[DirectoryDriver] = DirectoryDriver
    ) -> None:
        self.name = directory.name
        self.service = f"node@{self.name}"
        self.pool = f"{self.service}#{self.name}"
        self.directory = directory
        self.zone = zone
        self.memory = MemoryTarget()
        self.driver: Any = Beforehand(driver(DirectorySettings(str(directory), size_gib), self.name))
        self.target: Any = Beforehand(self.memory)
        self.images = DirectoryImages(directory.parent / "images")
        self.desk = VolumeDesk(
            db,
            self.service,
            self.driver,
            self.target,
            Names(),
            Turns(),
            images=self.images,
            conversions=Workshop(ConversionSettings(str(directory.parent / "conversion"))),
        )

    def files(self) -> set[str]:
        """The names of all that lies on the storage."""
        return {path.name for path in self.directory.iterdir() if not path.name.startswith(".")}

    def size_gib(self, name: str) -> float:
        return (self.directory / name).stat().st_size / 1024**3

    def granted(self) -> dict[str, set[str]]:
        """By the volume's name, the numbers of the hosts that may log in."""
        prefix = Names().target_prefix
        return {
            name.removeprefix(prefix): {initiator.rpartition(":")[2] for initiator in initiators}
            for name, initiators in self.memory.granted.items()
        }


class Lab:
    """The services, and what a client and an administrator ask of them. `first` has 20 GiB, `second` has 10 GiB."""

    def __init__(self, db: Database, folder: Path, driver: type[DirectoryDriver] = DirectoryDriver) -> None:
        self.db = db
        db.write(_empty)
        self.first = Backend(db, folder / "first", 20, "nova", driver)
        self.second = Backend(db, folder / "second", 10, "nova", driver)
        self.backends = (self.first, self.second)
        for backend in self.backends:
            self.beat(backend)
            assert report_pools.run(backend.desk, {"volume_backend_name": backend.name, "multiattach": True}) is None
        self.schedule(AvailabilityZoneFilter(), CapacityFilter(), CapabilitiesFilter())

    def schedule(self, *filters: Filter) -> None:
        """Place with these filters from now on."""
        self.scheduler = SchedulerDesk(self.db, filters, [CapacityWeigher(SchedulerSettings())])
        desks: dict[str, Any] = {volume_queue(each.service): each.desk for each in self.backends}
        desks[SCHEDULER_QUEUE] = self.scheduler
        self._runner = Runner(self.db, LocalWake(), OPERATIONS, desks, worker="lab")

    def beat(self, backend: Backend) -> None:
        """A sign of life of the backend's service."""
        self.db.write(partial(services.beat, binary="cinder-volume", host=backend.service, zone=backend.zone))

    def tell(self, backend: Backend, **capabilities: Any) -> None:
        """Let the pool report these capabilities in place of what it can do."""
        (report,) = backend.driver.report()

        def write(tx: Connection) -> None:
            (row,) = [row for row in pools.list_all(tx) if row.name == backend.pool]
            facts = {**row.capabilities, **capabilities}
            pools.report(tx, backend.pool, report, facts, pools.allocations(tx)[report.account])

        self.db.write(write)

    def ask(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A request's transaction; granted or refused, it leaves the rows in order."""
        try:
            return self.db.write(lambda tx: verb(tx, *args, **kwargs))
        finally:
            self.check()

    def round(self) -> int:
        """Advance what is due, each operation as far as its queue goes; returns how many there were."""
        number = self._runner.run_due()
        if number:
            self.check()
        return number

    def work(self) -> None:
        """Finish everything, without waiting for what was put off."""
        for _ in range(_MOST_ROUNDS):
            if not self.round() and not self.hurry():
                return
        raise AssertionError("the work does not end")

    def hurry(self) -> int:
        """Let the time of everything that is not finished have come; returns how much that is."""
        waits = update(operations).where(operations.c.due_at.is_not(None))
        return self.db.write(lambda tx: tx.execute(waits.values(due_at=0.0)).rowcount)

    def check(self) -> None:
        """Nothing may break an invariant."""
        assert [str(violation) for violation in self.see(invariants.check)] == []

    def see(self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self.db.read() as tx:
            return question(tx, *args, **kwargs)

    def create(self, size_gib: int | None = 1, **wish: Any) -> str:
        """A tenant's new volume, worked off; its id."""
        volume_id = self.ask(create_volume.admit, TENANT, RULES, create_volume.Wish(size_gib=size_gib, **wish))
        self.work()
        return volume_id

    def begin_snapshot(self, volume_id: str, *, force: bool = False, caller: Caller = TENANT) -> str:
        """A snapshot that was asked for; its id."""
        return self.ask(
            create_snapshot.admit, caller, RULES, volume_id, name=None, description=None, metadata={}, force=force
        )

    def snapshot(self, volume_id: str) -> str:
        """A snapshot of an unused volume, worked off; its id."""
        snapshot_id = self.begin_snapshot(volume_id)
        self.work()
        return snapshot_id

    def reserve(self, volume_id: str, instance_id: str | None = "i") -> str:
        return self.ask(attach_volume.reserve, TENANT, volume_id, instance_id=instance_id, mode=None)

    def connect(self, attachment_id: str, number: int) -> None:
        """The attachment is exported to the host of that number, or has failed to be."""
        self.begin_connect(attachment_id, number)
        self.work()

    def begin_connect(self, attachment_id: str, number: int) -> str:
        return self.ask(connect_attachment.admit, TENANT, attachment_id, host(number))

    def attach(self, volume_id: str, number: int = 1, instance_id: str | None = "i") -> str:
        """An attachment that is attached to the host of that number; its id."""
        attachment_id = self.reserve(volume_id, instance_id)
        self.connect(attachment_id, number)
        self.ask(attach_volume.complete, TENANT, attachment_id)
        return attachment_id

    def begin_detach(self, attachment_id: str) -> str | None:
        return self.ask(disconnect_attachment.admit, TENANT, attachment_id)

    def detach(self, attachment_id: str) -> None:
        """The attachment is gone, or has failed to go."""
        self.begin_detach(attachment_id)
        self.work()

    def type(self, name: str, **extra_specs: str) -> str:
        """A new volume type; its name. `__` in a keyword stands for a colon."""
        specs = {key.replace("__", ":"): value for key, value in extra_specs.items()}
        self.db.write(lambda tx: types.add(tx, id=name, name=name, extra_specs=specs))
        return name

    def volume(self, id: str) -> AnyRow:
        return self.see(volumes.get, id, None)

    def status(self, id: str) -> str:
        """The status of a volume, a snapshot or an attachment; `gone` if there is none of that id."""
        with self.db.read() as tx:
            for find in (volumes.find, snapshots.find, attachments.find):
                row = find(tx, id, None)
                if row is not None:
                    return str(row.status)
        return "gone"

    def attachment(self, id: str) -> AnyRow:
        return self.see(attachments.get, id, None)

    def export(self, volume_id: str) -> AnyRow | None:
        return self.see(attachments.find_export, volume_id)

    def allocated(self, backend: Backend) -> tuple[int, int]:
        """GiB and volumes that are placed on the backend."""
        (row,) = [row for row in self.see(pools.list_all) if row.name == backend.pool]
        return row.allocated_gib, row.volume_count

    def operation(self, subject: str) -> AnyRow:
        """The newest operation on the subject."""
        return self.see(administration.list_newest, subject=subject)[0]

    def complaints(self, id: str) -> Sequence[AnyRow]:
        """What its project is told about a volume, a snapshot or a group."""
        return [row for row in self.see(messages.list_page, Page(None)) if row.resource_uuid == id]

    def decisions(self, volume_id: str) -> Sequence[AnyRow]:
        return self.see(decisions.of_resource, volume_id)


def _empty(tx: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        tx.execute(table.delete())
    tx.execute(insert(types_table).values(id=TYPE, name="__DEFAULT__", created_at="2026-01-01T00:00:00.000000"))
