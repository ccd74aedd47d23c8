"""A small cloud on one machine: two backends, a scheduler, a tgtd; put back to the same state before each run.

The database and the files are one directory, copied from a template. The engine is opened before the forks, so that a
child finds all statements compiled, and holds no connection when it is forked.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from lapilli.db import invariants, migrate, services
from lapilli.db.engine import Database
from lapilli.db.schema import operations, volumes
from lapilli.drivers.directory import DirectoryDriver, DirectorySettings
from lapilli.machine import device, sparse
from lapilli.machine.images.workshop import ConversionSettings, Workshop
from lapilli.operations import report_pools, restore_exports
from lapilli.operations.desks import (
    SCHEDULER_QUEUE,
    BackupDesk,
    CacheRules,
    Names,
    SchedulerDesk,
    Turns,
    VolumeDesk,
    backup_queue,
    volume_queue,
)
from lapilli.operations.registry import OPERATIONS
from lapilli.scheduler.registry import load_filters, load_weighers
from lapilli.scheduler.weighers import SchedulerSettings
from lapilli.stores.posix import PosixStore
from lapilli.targets.tgt import TgtTarget
from lapilli.work import queue
from lapilli.work.operation import Operation
from lapilli.work.runner import Runner
from lapilli.work.wake import LocalWake
from tests.crash import backup_asks
from tests.crash.points import Countdown, Ending, in_child
from tests.crash.survey import Place, inventory, problems, uncounted
from tests.crash.tgt import Tgt
from tests.image_service import DirectoryImages

# The emptier pool comes first, so that it is known which backend is tried first.
BACKENDS: Mapping[str, int] = {"first": 20, "second": 10}
_ROUNDS = 100


@dataclass(frozen=True)
class Parts:
    """What a run may replace to see what a fault does: the drivers, the target, the operations."""

    driver: Mapping[str, type[DirectoryDriver]] = field(default_factory=dict)
    target: type[TgtTarget] = TgtTarget
    store: type[PosixStore] = PosixStore
    operations: Mapping[str, Operation] = field(default_factory=lambda: OPERATIONS)
    cache: CacheRules | None = None


@dataclass(frozen=True)
class Found:
    """What is there after a restart: the inventory, what is wrong, and how many operations there ever were."""

    things: Mapping[str, str]
    problems: Sequence[str]
    operations: int


Ask = Callable[[Connection], object]
"""A request's transaction."""


class World:
    """The directory, the tgtd, and processes that live and die."""

    def __init__(self, directory: Path, tgt: Tgt) -> None:
        self.tgt = tgt
        self._template = directory / "template"
        self._directory = directory / "world"
        self._path = self._directory / "lapilli.sqlite"
        self._directory.mkdir(parents=True)
        self.images = DirectoryImages(self._directory / "images")
        self._conversions = self._directory / "conversion"
        self._backups = self._directory / "backup"
        self.db = Database(f"sqlite:///{self._path}")
        ranking = SchedulerSettings()
        filters = load_filters(ranking.scheduler_default_filters)
        weighers = load_weighers(ranking.scheduler_default_weighers, ranking)
        self._scheduler = SchedulerDesk(self.db, filters, weighers, service_down_time_s=1e9)
        control = tgt.control
        self.places = [Place(f"node@{name}", self._directory / name, control) for name in BACKENDS]

    def prepare(self, fill: Callable[["World"], None]) -> None:
        """Make the template: an empty cloud, and what `fill` puts there."""
        self.tgt.clear()
        migrate.upgrade(str(self.db.url))
        self.db.write(partial(services.beat, binary="cinder-backup", host="node", zone="nova"))
        for desk in self._desks(Parts()).values():
            if isinstance(desk, VolumeDesk):
                self.db.write(partial(services.beat, binary="cinder-volume", host=desk.service, zone="nova"))
                assert report_pools.run(desk, {}) is None
        fill(self)
        self.found = self._look()
        assert self.found.problems == []
        self.db.close()
        shutil.copytree(self._directory, self._template, copy_function=_copy)
        self._shown = self.tgt.shown()

    def put_back(self) -> None:
        """Everything as in the template."""
        shutil.rmtree(self._directory)
        shutil.copytree(self._template, self._directory, copy_function=_copy)
        if self.tgt.shown() != self._shown:
            self.tgt.clear()
            assert in_child(lambda _: self.restore()).code == 0
            assert self.tgt.shown() == self._shown

    def write(self, ask: Ask) -> Any:
        return self.db.write(ask)

    def finish(self) -> None:
        """Do in this process what is due, with sound parts."""
        settle(self._runner(Parts()), self._path)

    def file_of(self, name: str) -> Path:
        """The file with the bytes of the volume of that name."""
        with self.db.read() as tx:
            row = tx.execute(select(volumes.c.id, volumes.c.host).where(volumes.c.name == name)).one()
        (place,) = (place for place in self.places if place.owns(row.host))
        return place.directory / Names().volume(row.id)

    def run(self, ask: Ask, parts: Parts, chosen: int) -> Ending:
        """A process that takes a request, says `taken` to the client, works it off, and dies at the chosen point."""

        def live(say: Callable[[str], None]) -> None:
            countdown = Countdown(chosen)
            runner = self._runner(parts)
            countdown.arm(self.db)
            self.db.write(ask)
            say("taken ")
            settle(runner, self._path)
            countdown.disarm()
            say(f"{countdown.passed}")

        return in_child(live)

    def restart(self, parts: Parts) -> Found:
        """The next process: it finishes what it finds, and says what there is."""

        def live(say: Callable[[str], None]) -> None:
            self.db.write(lambda tx: queue.release(tx, list(self._desks(parts))))
            self.restore()
            settle(self._runner(parts), self._path)
            found = self._look()
            say(json.dumps([found.things, found.problems, found.operations]))

        ending = in_child(live)
        assert ending.code == 0, "the restarted process failed; its error is on standard error"
        return Found(*json.loads(ending.said))

    def miscounted(self) -> list[str]:
        """The sums that are not right as things stand, and the space that is there but not counted."""

        def look(say: Callable[[str], None]) -> None:
            with self.db.read() as tx:
                say(json.dumps([*map(str, invariants.check(tx)), *uncounted(tx, self.places)]))

        return list(json.loads(in_child(look).said))

    def _look(self) -> Found:
        with self.db.read() as tx:
            number = tx.execute(select(func.count()).select_from(operations)).scalar_one()
            images = {f"image {each.name}": each.status for each in self.images.list()}
            left = [f"{path.name} is left of a conversion" for path in self._conversions.glob("*")]
            things = {**inventory(tx, self.places), **backup_asks.seen(tx), **images}
            left += backup_asks.problems(tx, self._backups)
            return Found(things, [*problems(tx, self.places), *left], number)

    def restore(self) -> None:
        """Make the targets what the rows say, with sound parts, as a process does at its start."""
        for desk in self._desks(Parts()).values():
            if isinstance(desk, VolumeDesk):
                restore_exports.run(desk)

    def _desks(self, parts: Parts) -> dict[str, Any]:
        desks: dict[str, Any] = {SCHEDULER_QUEUE: self._scheduler}
        for name, size_gib in BACKENDS.items():
            settings = DirectorySettings(str(self._directory / name), size_gib)
            driver = parts.driver.get(name, DirectoryDriver)(settings, name)
            target = parts.target(self.tgt.settings, self.tgt.control)
            service = f"node@{name}"
            desks[volume_queue(service)] = VolumeDesk(
                self.db,
                service,
                driver,
                target,
                Names(),
                Turns(),
                images=self.images,
                conversions=Workshop(ConversionSettings(str(self._conversions))),
                cache=parts.cache,
            )
        store = parts.store(backup_asks.store_settings(self._backups))
        desks[backup_queue("node")] = BackupDesk(self.db, store, device.opened, "zstd")
        return desks

    def _runner(self, parts: Parts) -> Runner:
        return Runner(self.db, LocalWake(), parts.operations, self._desks(parts), worker=f"node:{os.getpid()}")


def settle(runner: Runner, path: Path) -> None:
    """Work until nothing lives. What was put off is due at once, for nobody wants to wait. `path` is the database's."""
    with sqlite3.connect(path, isolation_level=None) as clock:
        for _ in range(_ROUNDS):
            if not runner.run_due():
                clock.execute("UPDATE operations SET due_at = 0 WHERE due_at IS NOT NULL")
                if not clock.execute("SELECT count(*) FROM operations WHERE due_at = 0").fetchone()[0]:
                    break
    clock.close()


def _copy(source: str, target: str) -> str:
    """A copy with the holes of its source."""
    with Path(source).open("rb") as old, Path(target).open("wb") as new:
        sparse.copy(old.fileno(), new.fileno())
    return target
