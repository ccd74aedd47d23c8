"""A storage node with LVM and LIO whose process dies: services without threads, put back to nothing between runs."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, event, select

from lapilli.db import attachments, migrate, services
from lapilli.db.engine import Database
from lapilli.db.schema import attachments as attachment_table
from lapilli.db.schema import leftovers, snapshots, volumes
from lapilli.drivers.lvm.driver import LvmDriver
from lapilli.drivers.lvm.names import name_of
from lapilli.model.values import GIB
from lapilli.operations import report_pools, restore_exports
from lapilli.operations.desks import SCHEDULER_QUEUE, Names, SchedulerDesk, Turns, VolumeDesk, volume_queue
from lapilli.operations.registry import OPERATIONS
from lapilli.scheduler.registry import load_filters, load_weighers
from lapilli.scheduler.weighers import SchedulerSettings
from lapilli.targets.lio import LioTarget
from lapilli.work import queue
from lapilli.work.runner import Runner
from lapilli.work.wake import LocalWake
from tests.crash.points import Countdown, Ending, in_child
from tests.crash.survey import content_of, unrest
from tests.crash.world import Ask, settle
from tests.kernel import lio_lab
from tests.kernel.lvm_lab import driver_of, empty
from tests.kernel.lvm_lab import volumes as in_group

SERVICE = "node@lvm"
_NAMES = Names()
_WRITES = ("INSERT", "UPDATE", "DELETE")
_CONFIGURES = {"mkdir", "rmdir", "symlink", "unlink", "write"}
_ONLY_LOOKS = {"lvs", "vgs", "pvs"}


class Changes(Countdown):
    """Its points are those between a change and its record: before each of LVM's programs that changes something,
    before each change of LIO's configuration, and before each commit of a transaction that has written.
    """

    def arm(self, db: Database) -> None:
        self._has_written = False
        super().arm(db)
        event.listen(db.engine, "commit", self._before_commit)

    def _before_statement(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self._has_written = self._has_written or statement.lstrip().startswith(_WRITES)

    def _before_commit(self, _connection: Any) -> None:
        if self._has_written:
            self._has_written = False
            self.point()

    def _profile(self, frame: FrameType, kind: str, called: Any) -> None:
        if kind != "c_call":
            return
        runs = called.__module__ == "_posixsubprocess" and not _ONLY_LOOKS & set(frame.f_locals.get("args", ()))
        configures = called.__name__ in _CONFIGURES and "rtslib" in frame.f_code.co_filename
        if runs or configures:
            self.point()


@dataclass(frozen=True)
class Found:
    """What there is after a restart, name by name, and what is wrong with it."""

    things: Mapping[str, str]
    problems: Sequence[str]


class StorageNode:
    """One backend in one process. `kind` is its `lvm_type`; `directory` is in memory."""

    def __init__(self, directory: Path, group: str, kind: str) -> None:
        self._path, self._empty = directory / "lapilli.sqlite", directory / "empty.sqlite"
        self._group, self._kind = group, kind
        self.target: type[LioTarget] = LioTarget
        self.db = Database(f"sqlite:///{self._path}")
        migrate.upgrade(str(self.db.url))
        self._desk().driver.check()
        self.db.write(partial(services.beat, binary="cinder-volume", host=SERVICE, zone="nova"))
        assert report_pools.run(self._desk(), {}) is None
        self.db.close()
        shutil.copy(self._path, self._empty)

    def put_back(self) -> None:
        """Nothing is on the storage or exported, and the rows know of nothing."""
        lio_lab.clear()
        empty(self._group)
        self.db.close()
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()
        shutil.copy(self._empty, self._path)

    def do(self, ask: Ask) -> None:
        """A request, and all that comes of it."""
        self.db.write(ask)
        settle(self._runner(), self._path)

    def device(self, name: str) -> Path:
        """The device of the volume of that name."""
        with self.db.read() as tx:
            id = tx.execute(select(volumes.c.id).where(volumes.c.name == name)).scalar_one()
        return Path(self._driver().path(_NAMES.volume(id)))

    def run(self, ask: Ask, chosen: int) -> Ending:
        """A process that takes a request, says `taken` to the client, works it off, and dies at the chosen point."""

        def live(say: Callable[[str], None]) -> None:
            countdown = Changes(chosen)
            countdown.arm(self.db)
            self.db.write(ask)
            say("taken")
            settle(self._runner(), self._path)
            countdown.disarm()

        return self._in_child(live)

    def restart(self) -> Found:
        """The next process: it finishes what it finds, and says what there is."""

        def live(say: Callable[[str], None]) -> None:
            self.db.write(lambda tx: queue.release(tx, list(self._desks())))
            restore_exports.run(self._desk())
            settle(self._runner(), self._path)
            with self.db.read() as tx:
                say(json.dumps([dict(self._inventory(tx)), list(self._problems(tx))]))

        ending = self._in_child(live)
        assert ending.code == 0, "the restarted process failed; its error is on standard error"
        return Found(*json.loads(ending.said))

    def look(self) -> Found:
        """The same, of a process that has not died."""
        with self.db.read() as tx:
            return Found(dict(self._inventory(tx)), list(self._problems(tx)))

    def _in_child(self, live: Callable[[Callable[[str], None]], None]) -> Ending:
        self.db.close()
        return in_child(live)

    def _driver(self) -> LvmDriver:
        return driver_of(self._group, lvm_type=self._kind)

    def _desk(self) -> VolumeDesk:
        return VolumeDesk(self.db, SERVICE, self._driver(), self.target(lio_lab.SETTINGS), _NAMES, Turns())

    def _desks(self) -> dict[str, Any]:
        ranking = SchedulerSettings()
        filters = load_filters(ranking.scheduler_default_filters)
        weighers = load_weighers(ranking.scheduler_default_weighers, ranking)
        scheduler = SchedulerDesk(self.db, filters, weighers, service_down_time_s=1e9)
        return {SCHEDULER_QUEUE: scheduler, volume_queue(SERVICE): self._desk()}

    def _runner(self) -> Runner:
        return Runner(self.db, LocalWake(), OPERATIONS, self._desks(), worker=f"node:{os.getpid()}")

    def _inventory(self, tx: Connection) -> Iterator[tuple[str, str]]:
        driver = self._driver()
        called = {row.id: row.name for row in tx.execute(select(volumes))}
        for row in tx.execute(select(volumes)):
            content = content_of(Path(driver.path(_NAMES.volume(row.id))))
            yield f"volume {row.name}", f"{row.status}, {row.size_gib} GiB of {content}"
        for row in tx.execute(select(snapshots)):
            content = content_of(Path(driver.path(_NAMES.snapshot(row.id))))
            yield f"snapshot {row.name}", f"{row.status}, {row.size_gib} GiB of {content}"
        for row in tx.execute(select(attachment_table)):
            yield f"attachment of {called[row.volume_id]} to {row.host_name or 'nobody'}", row.status
        ours = {_NAMES.volume(id) for id in called} | set(_snapshot_names(tx))
        for name in in_group(self._group).keys() - ours:
            yield f"logical volume {'of no row' if name.startswith('volume-') else name}", "there"

    def _problems(self, tx: Connection) -> Iterator[str]:
        yield from unrest(tx)
        yield from (f"{row.name} waits to be wiped" for row in tx.execute(select(leftovers)))
        yield from self._wrong_volumes(tx)
        there, wanted = dict(_targets()), self._wanted_targets(tx)
        yield from (
            f"target {name} is {there.get(name)}, not {wanted.get(name)}"
            for name in {**there, **wanted}
            if there.get(name) != wanted.get(name)
        )
        yield from (f"LIO has {each}" for each in lio_lab.left() if not there)

    def _wrong_volumes(self, tx: Connection) -> Iterator[str]:
        there = in_group(self._group)
        sizes = {_NAMES.volume(row.id): row.size_gib for row in tx.execute(select(volumes))}
        for name, size_gib in sizes.items():
            if there[name].size_bytes != size_gib * GIB:
                yield f"{name} has {there[name].size_bytes} bytes, not {size_gib} GiB"
        strays = [name for name in there if name.startswith("lapilli.")]
        yield from (f"{name} is left on the storage" for name in strays)
        yield from (f"{name} is half made" for name, each in there.items() if each.is_half or each.is_suspended)
        nodes = {name_of(path.name) for path in Path("/dev", self._group).iterdir()} if there else set()
        yield from (f"{name} is a device of no volume" for name in nodes - there.keys() if "pool" not in name)

    def _wanted_targets(self, tx: Connection) -> dict[str, tuple[str, list[str]]]:
        wanted: dict[str, tuple[str, list[str]]] = {}
        for row in attachments.exported_by(tx, SERVICE):
            path = self._driver().path(_NAMES.volume(row.volume_id))
            initiators = [
                each.connector["initiator"] for each in attachments.of_volume(tx, row.volume_id) if each.connector
            ]
            wanted[_NAMES.target(row.volume_id)] = (path, sorted(initiators))
        return wanted


def _snapshot_names(tx: Connection) -> Iterator[str]:
    return (_NAMES.snapshot(row.id) for row in tx.execute(select(snapshots)))


def _targets() -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """Of each of LIO's targets the device that it serves, and who may log in."""
    for target in lio_lab.ROOT.glob("iscsi/iqn.*"):
        devices = [path.read_text().strip() for path in target.glob("tpgt_1/lun/lun_*/*/udev_path")]
        yield (
            target.name,
            (devices[0] if devices else "nothing", sorted(path.name for path in target.glob("tpgt_1/acls/*"))),
        )
