"""A whole service in one process: the real application, database, scheduler and backend, worked step by step."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from lapilli.api.application import Application
from lapilli.api.identity.noauth import NoAuth
from lapilli.api.policy import Policy
from lapilli.api.request import Surroundings
from lapilli.api.routes import ROUTES
from lapilli.api.urls import Urls
from lapilli.db import pools, services
from lapilli.db.engine import Database
from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.machine import device
from lapilli.machine.images.workshop import ConversionSettings, Workshop
from lapilli.operations import report_pools
from lapilli.operations.admission import Rules
from lapilli.operations.desks import (
    SCHEDULER_QUEUE,
    BackupDesk,
    Names,
    SchedulerDesk,
    Turns,
    VolumeDesk,
    backup_queue,
    volume_queue,
)
from lapilli.operations.registry import OPERATIONS
from lapilli.scheduler.filters import AvailabilityZoneFilter, CapabilitiesFilter, CapacityFilter
from lapilli.scheduler.weighers import CapacityWeigher, SchedulerSettings
from lapilli.stores.posix import PosixSettings, PosixStore
from lapilli.work.runner import Runner
from lapilli.work.wake.local import LocalListener, LocalWake
from tests.http import truth
from tests.http.client import PROJECT, Client
from tests.http.target import MemoryTarget
from tests.image_service import DirectoryImages

OTHER_PROJECT = "b2"
HOST = "node"
SERVICE = "node@files"
POOL = "node@files#files"
SIZES = {"files": 100}
_MIB = 1024**2
QUOTA = {
    "volumes": 10,
    "snapshots": 10,
    "gigabytes": 1000,
    "backups": 10,
    "backup_gigabytes": 1000,
    "groups": 10,
    "per_volume_gigabytes": -1,
}


def _forgo_durability(connection: Any, _record: object) -> None:
    """No test of the wire cuts the power, and waiting for the disk is most of what they would do."""
    connection.execute("PRAGMA synchronous=OFF")


class Cloud(Client):
    """The service, its backend in a directory, and everybody's client."""

    Driver = DirectoryDriver

    def __init__(
        self, database: Path, folder: Path, sizes: Mapping[str, int] = SIZES, wake: LocalWake | None = None
    ) -> None:
        """`sizes` are the GiB of each backend by its name."""
        self.db = Database(f"sqlite:///{database}")
        event.listen(self.db.engine, "connect", _forgo_durability)
        self.folder = folder
        wake = wake or LocalWake()
        rules = Rules(quota=QUOTA)
        self.images = DirectoryImages(folder.with_name("images"))
        self._around = Surroundings(self.db, wake, Policy.load(), rules, images=self.images)
        self.lend()
        desks = {f"{HOST}@{name}": self._open(name, size_gib) for name, size_gib in sizes.items()}
        self._desk = desks[SERVICE]
        filters = [AvailabilityZoneFilter(), CapacityFilter(), CapabilitiesFilter()]
        queues = {volume_queue(service): desk for service, desk in desks.items()}
        queues[SCHEDULER_QUEUE] = SchedulerDesk(self.db, filters, [CapacityWeigher(SchedulerSettings())])
        self.queues: dict[str, Any] = queues
        self._runner = Runner(self.db, wake, OPERATIONS, self.queues, worker="lab")
        self.beat("cinder-scheduler", HOST)
        for service, desk in desks.items():
            self.beat("cinder-volume", service)
            told = {"volume_backend_name": service.removeprefix(f"{HOST}@"), "storage_protocol": "iSCSI"}
            assert report_pools.run(desk, told) is None

    def _open(self, name: str, size_gib: int) -> VolumeDesk:
        folder = self.folder if name == "files" else self.folder.with_name(name)
        driver = self.Driver(DirectorySettings(directory_path=str(folder), directory_size_gib=size_gib), name)
        desk = VolumeDesk(self.db, f"{HOST}@{name}", driver, MemoryTarget(), Names(), Turns())
        conversions = Workshop(ConversionSettings(str(self.folder.with_name("conversion"))))
        return replace(desk, images=self.images, conversions=conversions)

    def lend(self, **changes: Any) -> None:
        """Serve with these `Surroundings` in place of the usual ones."""
        around = replace(self._around, **changes)
        self.app = Application(around, NoAuth(), truth.watched(ROUTES), Urls(ROUTES, r"[0-9a-f\-]+"))

    def tell(self, **capabilities: Any) -> None:
        """Let the pool report these capabilities in place of what it can do."""
        (report,) = self._desk.driver.report()

        def write(tx: Connection) -> None:
            (row,) = (each for each in pools.list_all(tx) if each.name == POOL)
            told = {**row.capabilities, **capabilities}
            pools.report(tx, POOL, report, told, pools.allocations(tx)[report.account])

        self.db.write(write)

    def beat(self, binary: str, host: str, zone: str = "nova") -> None:
        """A sign of life of a service."""
        self.db.write(lambda tx: services.beat(tx, binary, host, zone))

    def work(self) -> None:
        """Finish everything that is due."""
        while self._runner.run_due():
            pass

    def run(self) -> None:
        """Work on what is due in the background, until `rest`."""
        self._runner.start()

    def rest(self) -> None:
        """End what `run` began."""
        self._runner.stop()

    def serve_backups(self) -> None:
        """Have a backup service, which keeps backups in a directory."""
        settings = PosixSettings(
            backup_posix_path=str(self.folder.with_name("backup")),
            backup_file_size=64 * _MIB,
            backup_sha_block_size_bytes=_MIB,
        )
        store = PosixStore(settings)
        store.check()
        self.queues[backup_queue(HOST)] = BackupDesk(self.db, store, device.opened, "zstd")
        self.beat("cinder-backup", HOST)

    def step(self) -> None:
        """Advance what is due now, once."""
        self._runner.run_due()

    def close(self) -> None:
        self.db.close()

    def volume(self, *, project: str = PROJECT, **wish: Any) -> str:
        """A new volume that is available; its id."""
        answer = self.call("POST", "/volumes", {"volume": {"size": 1, **wish}}, project=project)
        assert answer.status == 202, answer.text
        self.work()
        return str(answer.json["volume"]["id"])

    def snapshot(self, volume_id: str, *, project: str = PROJECT, **wish: Any) -> str:
        """A new snapshot that is available; its id."""
        answer = self.call("POST", "/snapshots", {"snapshot": {"volume_id": volume_id, **wish}}, project=project)
        assert answer.status == 202, answer.text
        self.work()
        return str(answer.json["snapshot"]["id"])

    def type(self, name: str, **wish: Any) -> str:
        """A new volume type; its id."""
        answer = self.call("POST", "/types", {"volume_type": {"name": name, **wish}})
        assert answer.status == 200, answer.text
        return str(answer.json["volume_type"]["id"])

    def see(self, collection: str, id: str) -> Any:
        """The resource as an administrator sees it now."""
        answer = self.call("GET", f"/{collection}/{id}", version="3.71")
        assert answer.status == 200, answer.text
        (resource,) = answer.json.values()
        return resource


class Prompt(LocalWake):
    """Who waits for a backend's answer does its work meanwhile."""

    cloud: Cloud

    def listen(self, *topics: str) -> LocalListener:
        self.cloud.work()
        return super().listen(*topics)
