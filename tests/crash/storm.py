"""Many clients at work while processes die: each client knows what it was told, and so what has to be there."""

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.conformance.target_lab import Initiator
from tests.crash.client import Client, Refused
from tests.crash.survey import PLACES

_ATTEMPTS = 20
_ENOUGH = 6
_INSTANCE = "11111111-0000-4000-8000-000000000001"


@dataclass
class Budget:
    """How many operations are left, for all clients together."""

    left: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        with self._lock:
            self.left -= 1
            return self.left >= 0


@dataclass
class Volume:
    """A volume as its owner knows it."""

    name: str
    id: str
    size_gib: int
    content: str = "zeros"
    snapshots: dict[str, tuple[str, str]] = field(default_factory=dict)
    """id and content by name"""
    host: str | None = None
    """Who it is attached to."""


class Tenant:
    """One client with volumes of its own, doing one thing after the other."""

    def __init__(self, number: int, port: int, budget: Budget, seed: int) -> None:
        self.name = f"tenant{number}"
        self.done: Counter[str] = Counter()
        self.volumes: dict[str, Volume] = {}
        self.client = Client(port, self.name)
        self._budget = budget
        self._random = random.Random(f"{seed}-{number}")
        self._made = 0
        self.failure: BaseException | None = None

    def work(self) -> None:
        """Until the budget is used up."""
        try:
            while self._budget.take():
                self._act()
        except BaseException as error:  # noqa: BLE001 - told by the test, when all have ended
            self.failure = error

    def _act(self) -> None:
        choices: list[tuple[int, Callable[[], None]]] = [(5 if len(self.volumes) < _ENOUGH else 0, self._create)]
        for volume in self.volumes.values():
            choices += self._possible(volume)
        self._random.choices([act for _, act in choices], [weight for weight, _ in choices])[0]()

    def _possible(self, volume: Volume) -> list[tuple[int, Callable[[], None]]]:
        """What can be done with a volume, and how likely that should be."""
        acts: list[tuple[int, Callable[..., None]]] = [(1, self._extend)]
        if volume.host is None:
            acts += [(1, self._clone), (1, self._snapshot), (2, self._attach), (1, self._delete)]
        else:
            acts.append((2, self._detach))
        choices: list[tuple[int, Callable[[], None]]] = [(weight, partial(act, volume)) for weight, act in acts]
        for name in volume.snapshots:
            choices += [(1, partial(self._restore, volume, name)), (1, partial(self._delete_snapshot, volume, name))]
        return choices

    def _create(self) -> None:
        self._make("create", self._random.randint(1, 2), "zeros")

    def _clone(self, source: Volume) -> None:
        self._make("clone", source.size_gib, source.content, source_volid=source.id)

    def _restore(self, origin: Volume, name: str) -> None:
        snapshot_id, content = origin.snapshots[name]
        self._make("restore", origin.size_gib, content, snapshot_id=snapshot_id)

    def _make(self, what: str, size_gib: int, content: str, **source: str) -> None:
        name = self._new_name()
        volume_id = self.client.create("volume", {"name": name, "size": size_gib, **source})
        found = self.client.settled(f"/volumes/{volume_id}", "volume")
        assert found is not None, f"volume {name} was taken and is lost"
        if found["status"] != "available":
            self.done[f"{what}: {found['status']}"] += 1
            self._remove(f"/volumes/{volume_id}", "volume")
            return
        self.volumes[name] = Volume(name, volume_id, size_gib, content)
        self.done[what] += 1

    def _snapshot(self, volume: Volume) -> None:
        name = self._new_name()
        snapshot_id = self.client.create("snapshot", {"name": name, "volume_id": volume.id})
        found = self.client.settled(f"/snapshots/{snapshot_id}", "snapshot")
        assert found is not None, f"snapshot {name} was taken and is lost"
        if found["status"] != "available":
            self.done[f"snapshot: {found['status']}"] += 1
            self._remove(f"/snapshots/{snapshot_id}", "snapshot")
            return
        volume.snapshots[name] = (snapshot_id, volume.content)
        self.done["snapshot"] += 1

    def _extend(self, volume: Volume) -> None:
        size_gib = volume.size_gib + 1
        for _ in range(_ATTEMPTS):
            with suppress(OSError):
                self.client.post(f"/volumes/{volume.id}/action", {"os-extend": {"new_size": size_gib}})
            found = self.client.settled(f"/volumes/{volume.id}", "volume")
            if found["size"] == size_gib:
                volume.size_gib = size_gib
                self.done["extend"] += 1
                return
            assert not found["status"].startswith("error"), found
        raise AssertionError(f"{volume.name} cannot be extended")

    def _attach(self, volume: Volume) -> None:
        host = f"{self.name}-host"
        connector = {"initiator": f"iqn.1993-08.org.debian:01:{host}", "host": host}
        wish = {"volume_uuid": volume.id, "instance_uuid": _INSTANCE, "connector": connector}
        for _ in range(_ATTEMPTS):
            try:
                made = self.client.post("/attachments", {"attachment": wish})["attachment"]
                self._use(volume, Initiator(connector["initiator"], made["connection_info"]))
                self.client.post(f"/attachments/{made['id']}/action", {"os-complete": {}})
            except (OSError, Refused, _Offline, subprocess.TimeoutExpired):
                self.done["attach: once more"] += 1
                self._detach_all(volume)
                continue
            volume.host = host
            self.done["attach"] += 1
            return
        raise AssertionError(f"{volume.name} cannot be attached")

    def _use(self, volume: Volume, initiator: Initiator) -> None:
        """Read what has to be there, and write something new, over iSCSI. What fails is tried anew after attaching."""
        is_known = volume.content not in {"zeros", "?"}
        if is_known and not initiator.reads(PLACES[1], ord(volume.content), 512):
            raise _Offline
        mark = self._random.choice("abcdefgh")
        volume.content = "?"
        for offset in reversed(PLACES):
            if not initiator.write(offset, ord(mark), 512):
                raise _Offline
        volume.content = mark
        self.done["written over iSCSI"] += 1

    def _detach(self, volume: Volume) -> None:
        self._detach_all(volume)
        volume.host = None
        self.done["detach"] += 1

    def _detach_all(self, volume: Volume) -> None:
        for _ in range(_ATTEMPTS):
            found = self.client.get(f"/attachments?volume_id={volume.id}")["attachments"]
            if not found:
                return
            for attachment in found:
                with suppress(Refused):  # 409: an operation of a lost request still works on it; 500: tgtd is away
                    self.client.delete(f"/attachments/{attachment['id']}")
            time.sleep(0.2)
        raise AssertionError(f"{volume.name} cannot be detached")

    def _delete(self, volume: Volume) -> None:
        if volume.snapshots:
            self._remove(f"/volumes/{volume.id}?cascade=true", "volume")
            self.done["delete with snapshots"] += 1
        else:
            self._remove(f"/volumes/{volume.id}", "volume")
            self.done["delete"] += 1
        del self.volumes[volume.name]

    def _delete_snapshot(self, volume: Volume, name: str) -> None:
        self._remove(f"/snapshots/{volume.snapshots[name][0]}", "snapshot")
        del volume.snapshots[name]
        self.done["delete snapshot"] += 1

    def _remove(self, path: str, kind: str) -> None:
        self.client.delete(path)
        found: Any = self.client.settled(path.partition("?")[0], kind)
        assert found is None, found

    def _new_name(self) -> str:
        self._made += 1
        return f"{self.name}-{self._made}"


class _Offline(Exception):
    """The initiator did not reach its target."""
