"""Lapilli as a stage."""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from lapilli.operations.desks import BackupDesk, VolumeDesk, backup_queue
from tests.differential.our_plug_ins import Driver, MemoryStore, NoCopies, Objects, opened
from tests.differential.stage import BACKENDS, HOST, Answer, over_wsgi
from tests.http.lab import Cloud, Prompt

Sizes = Mapping[Path, int]
UNMANAGED = "x"
"""What is there to be taken over as a volume or a snapshot."""
_GIB = 1024**3

_TABLES = {"volume_attachment": "attachments"}
_COLUMNS = {("attachments", "attach_status"): "status", ("volumes", "size"): "size_gib"}


_RESIZE = text(
    "UPDATE accounts SET total_gib = :size_gib, free_gib = :size_gib"
    " WHERE id IN (SELECT account FROM pools WHERE service = :service)"
)


class _Cloud(Cloud):
    Driver = Driver

    def _open(self, name: str, size_gib: int) -> VolumeDesk:
        return replace(super()._open(name, size_gib), conversions=NoCopies())


class Ours:
    """The lab's cloud, with states that can be kept."""

    def __init__(self, database: Path, folder: Path) -> None:
        wake = Prompt()
        self._cloud = wake.cloud = _Cloud(database, folder, BACKENDS, wake)
        self._database, self._folder = database, folder.parent
        self._kept: dict[str, tuple[sqlite3.Connection, Sizes, Objects]] = {}
        self._store = MemoryStore()
        self._cloud.queues[backup_queue(HOST)] = BackupDesk(self._cloud.db, self._store, opened)
        self._cloud.beat("cinder-backup", HOST)
        self._cloud.tell(multiattach=True)
        with (folder / UNMANAGED).open("wb") as file:
            file.truncate(_GIB)
        # The disk of this computer has another size; where volumes are placed must not depend on it.
        sizes = [{"service": f"{HOST}@{backend}", "size_gib": size_gib} for backend, size_gib in BACKENDS.items()]
        self._cloud.db.write(lambda tx: tx.execute(_RESIZE, sizes))
        self.save("start")

    def send(self, method: str, target: str, raw: bytes, headers: Mapping[str, str]) -> Answer:
        return over_wsgi(self._cloud.app, method, target, raw, headers)

    def work(self) -> None:
        self._cloud.work()

    def put(self, table: str, id: str, columns: Mapping[str, Any]) -> None:
        table = _TABLES.get(table, table)
        columns = {_COLUMNS.get((table, name), name): value for name, value in columns.items()}
        words = ", ".join(f"{name} = :{name}" for name in columns)
        statement = text(f"UPDATE {table} SET {words} WHERE id = :id")
        self._cloud.db.write(lambda tx: tx.execute(statement, {**columns, "id": id}))

    def save(self, name: str) -> None:
        memory = sqlite3.connect(":memory:")
        _copy(self._database, memory)
        sizes = {path: path.stat().st_size for path in self._files()}
        self._kept[name] = memory, sizes, dict(self._store.objects)

    def restore(self, name: str) -> None:
        memory, sizes, objects = self._kept[name]
        self._store.objects = dict(objects)
        _copy(memory, self._database)
        for path in self._files():
            if path not in sizes:
                path.unlink()
        for path, size in sizes.items():
            if not path.exists():
                path.touch()
            if path.stat().st_size != size:
                os.truncate(path, size)
        self._cloud.beat("cinder-scheduler", HOST)
        self._cloud.beat("cinder-backup", HOST)
        for backend in BACKENDS:
            self._cloud.beat("cinder-volume", f"{HOST}@{backend}")

    def _files(self) -> Iterable[Path]:
        return [path for name in ("volume-*", "snapshot-*", UNMANAGED) for path in self._folder.glob(f"*/{name}")]

    def close(self) -> None:
        self._cloud.close()


def _copy(source: Path | sqlite3.Connection, target: Path | sqlite3.Connection) -> None:
    one = sqlite3.connect(source) if isinstance(source, Path) else source
    other = sqlite3.connect(target) if isinstance(target, Path) else target
    if isinstance(target, Path):
        other.execute("PRAGMA synchronous=OFF")
    one.backup(other)
    for path, connection in ((source, one), (target, other)):
        if isinstance(path, Path):
            connection.close()
