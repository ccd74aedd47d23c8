"""The life of a process that creates, grows and deletes at random, and asks what the quota says of it."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from lapilli.db import invariants
from lapilli.db.schema import snapshots, volume_types, volumes
from lapilli.operations.desks import SCHEDULER_QUEUE, volume_queue
from lapilli.work import queue
from tests.http.lab import SERVICE, Cloud

PROJECTS: Final = ("a1", "b2", "c3")
TYPES: Final = ("fast", "slow")
LIMITS: Final = {"volumes": 40, "gigabytes": 120, "snapshots": 25, "volumes_fast": 15, "gigabytes_slow": 70}
_OPERATIONS_PER_SAMPLE: Final = 18
_SAMPLES_PER_REST: Final = 10
_SPACE_GIB: Final = 10_000
_EXPECTED: Final = {200, 202, 400, 404, 413}


class Life:
    """One process's work on the database and the backend of all, until it is killed."""

    def __init__(self, directory: Path, seed: int) -> None:
        self._cloud = Cloud(directory / "lapilli.sqlite", directory / "files", {"files": _SPACE_GIB})
        self._choose = random.Random(seed)
        self._wishes: Mapping[Callable[[str], None], int] = {
            self._create: 40,
            self._delete: 25,
            self._extend: 10,
            self._snapshot: 15,
            self._delete_snapshot: 8,
            self._retype: 5,
            self._hand_over: 4,
        }

    def prepare(self) -> None:
        """Types and limits, once for all processes."""
        for name in TYPES:
            self._cloud.type(name)
        for project in PROJECTS:
            answer = self._cloud.call("PUT", f"/os-quota-sets/{project}", {"quota_set": LIMITS})
            assert answer.status == 200, answer.text

    def resume(self) -> None:
        """Take over what the last process had in hand."""
        queues = [SCHEDULER_QUEUE, volume_queue(SERVICE)]
        self._cloud.db.write(lambda tx: queue.release(tx, queues))

    def work(self, done: Callable[[], None], sampled: Callable[[], None]) -> None:
        """Operations without end, with a sample after every few; `done` and `sampled` count them."""
        number = 0
        while True:
            wishes = self._choose.choices(list(self._wishes), list(self._wishes.values()))
            wishes[0](self._choose.choice(PROJECTS))
            done()
            number += 1
            if number % _OPERATIONS_PER_SAMPLE == 0:
                self.sample()
                sampled()
            if number % (_OPERATIONS_PER_SAMPLE * _SAMPLES_PER_REST) == 0:
                self.rest()
            elif self._choose.random() < 0.7:
                self._cloud.step()

    def sample(self) -> None:
        """What the API reports is what the rows sum up to, and within the limits."""
        for project in PROJECTS:
            told = self._cloud.call("GET", f"/os-quota-sets/{project}?usage=True").json["quota_set"]
            used = {name: told[name]["in_use"] for name in told if name != "id" and told[name]["in_use"]}
            with self._cloud.db.read() as tx:
                summed = self._summed(tx, project)
            assert used == summed, f"{project}: reported {used}, but the rows are {summed}"
            assert not [name for name in LIMITS if told[name]["in_use"] > LIMITS[name]], f"{project}: {told}"

    def rest(self) -> None:
        """When all wishes are met, the lists say the same, and every invariant holds."""
        self._cloud.work()
        self.sample()
        for project in PROJECTS:
            told = self._cloud.call("GET", f"/os-quota-sets/{project}?usage=True").json["quota_set"]
            rows = self._cloud.call("GET", "/volumes/detail", project=project).json["volumes"]
            kept = self._cloud.call("GET", "/snapshots", project=project).json["snapshots"]
            assert told["volumes"]["in_use"] == len(rows)
            assert told["gigabytes"]["in_use"] == sum(row["size"] for row in (*rows, *kept))
        with self._cloud.db.read() as tx:
            assert list(invariants.check(tx)) == []

    def _summed(self, tx: Connection, project: str) -> dict[str, int]:
        """What the rows amount to, counted one by one; what is being retyped counts for both types."""
        found: Counter[str] = Counter()
        names = {row.id: row.name for row in tx.execute(select(volume_types.c.id, volume_types.c.name))}
        rows = {row.id: row for row in tx.execute(select(volumes).where(volumes.c.project_id == project))}
        for volume in rows.values():
            _count(found, "volumes", volume.charged_gib, names[volume.volume_type_id], names.get(volume.new_type_id))
        for snapshot in tx.execute(select(snapshots).where(snapshots.c.project_id == project)):
            promised = names.get(rows[snapshot.volume_id].new_type_id)
            _count(found, "snapshots", snapshot.size_gib, names[snapshot.volume_type_id], promised)
        return dict(found)

    def _ask(self, project: str, method: str, path: str, body: Any = None) -> Any:
        answer = self._cloud.call(method, path, body, version="3.71", project=project)
        assert answer.status in _EXPECTED, f"{method} {path}: {answer.status} {answer.text}"
        return answer.json if answer.status < 300 and answer.text else None

    def _any(self, table: Table, project: str) -> str | None:
        """Something of the project's, by chance."""
        mine = select(table.c.id).where(table.c.project_id == project).order_by(func.random()).limit(1)
        with self._cloud.db.read() as tx:
            return tx.execute(mine).scalar()

    def _create(self, project: str) -> None:
        wish = {"size": self._choose.randint(1, 6), "volume_type": self._choose.choice(TYPES)}
        if self._choose.random() < 0.2 and (source := self._any(volumes, project)):
            wish = {"source_volid": source}
        self._ask(project, "POST", "/volumes", {"volume": wish})

    def _delete(self, project: str) -> None:
        if volume := self._any(volumes, project):
            cascade = "?cascade=true" if self._choose.random() < 0.3 else ""
            self._ask(project, "DELETE", f"/volumes/{volume}{cascade}")

    def _extend(self, project: str) -> None:
        self._act(project, "os-extend", {"new_size": self._choose.randint(2, 12)})

    def _retype(self, project: str) -> None:
        self._act(project, "os-retype", {"new_type": self._choose.choice(TYPES), "migration_policy": "on-demand"})

    def _act(self, project: str, action: str, wish: Any) -> None:
        if volume := self._any(volumes, project):
            self._ask(project, "POST", f"/volumes/{volume}/action", {action: wish})

    def _snapshot(self, project: str) -> None:
        if volume := self._any(volumes, project):
            self._ask(project, "POST", "/snapshots", {"snapshot": {"volume_id": volume}})

    def _delete_snapshot(self, project: str) -> None:
        if snapshot := self._any(snapshots, project):
            self._ask(project, "DELETE", f"/snapshots/{snapshot}")

    def _hand_over(self, project: str) -> None:
        if volume := self._any(volumes, project):
            made = self._ask(project, "POST", "/volume-transfers", {"transfer": {"volume_id": volume}})
            if made:
                transfer = made["transfer"]
                accepting = {"accept": {"auth_key": transfer["auth_key"]}}
                taker = self._choose.choice([each for each in PROJECTS if each != project])
                path = f"/volume-transfers/{transfer['id']}"
                if self._ask(taker, "POST", f"{path}/accept", accepting) is None:
                    self._ask(project, "DELETE", path)


def _count(found: Counter[str], resource: str, size_gib: int, kind: str, promised: str | None) -> None:
    for name, amount in ((resource, 1), ("gigabytes", size_gib)):
        found[name] += amount
        for each in (kind, promised):
            if each is not None:
                found[f"{name}_{each}"] += amount
