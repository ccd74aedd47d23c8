"""The bare commands: what an administrator would type, and rtslib in a process that is already there."""

import subprocess
import time
from collections.abc import Callable, Sequence
from itertools import count
from os import times
from typing import Final

import rtslib_fb

from bench.storage.kinds import Kind
from tests.kernel.machine import run

_PORTAL: Final = ("127.0.0.1", 3290)
_PREFIX: Final = "iqn.2026-01.org.example.bare:"
_INITIATOR: Final = "iqn.2026-01.org.example:node1"
_ATTRIBUTES: Final = {"authentication": "1", "generate_node_acls": "0", "demo_mode_discovery": "0"}
# As much as the driver gives a copy-on-write snapshot of a GiB, in whole extents.
_SNAPSHOT: Final = ("--chunksize", "4k", "--size", "1032m")


class Bare:
    """A `Way` without a service."""

    label = "bare commands"

    def __init__(self) -> None:
        self._numbers = count()
        self._own_s = 0.0

    def cpu_s(self) -> float:
        """Of the commands, and of rtslib's calls."""
        spent = times()
        return spent.children_user + spent.children_system + self._own_s

    def create(self, kind: Kind, how_many: int, size_gib: int = 1) -> list[str]:
        made = [self._new(kind, size_gib) for _ in range(how_many)]
        for _, command in made:
            run(*command)
        return [path for path, _ in made]

    def create_at_once(self, kind: Kind, how_many: int) -> list[str]:
        """As `create`, with a command for each at the same time."""
        made = [self._new(kind, 1) for _ in range(how_many)]
        processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _, command in made]
        statuses = [process.wait() for process in processes]
        if any(statuses):
            raise RuntimeError("A volume could not be made.")
        return [path for path, _ in made]

    def snapshot(self, kind: Kind, volumes: Sequence[str]) -> list[str]:
        made = []
        for volume in volumes:
            name = f"snapshot-of-{volume.rpartition('/')[2]}"
            how = ("--setactivationskip", "n") if kind is Kind.THIN else _SNAPSHOT
            run("lvcreate", "--yes", "--snapshot", *how, "--name", f"s{name}", volume)
            made.append(f"/dev/{kind.group}/s{name}")
        return made

    def attach(self, volumes: Sequence[str]) -> None:
        self._timed(lambda: [_export(volume) for volume in volumes])

    def detach(self, volumes: Sequence[str]) -> None:
        self._timed(lambda: [_take_away(volume) for volume in volumes])

    def delete_snapshots(self, kind: Kind, snapshots: Sequence[str]) -> None:
        self.delete(kind, snapshots)

    def delete(self, kind: Kind, volumes: Sequence[str]) -> None:
        for volume in volumes:
            if kind in {Kind.WIPED, Kind.WRITTEN}:
                run("blkdiscard", "--force", "--zeroout", volume)
            run("lvremove", "--force", "--yes", volume)

    def delete_and_watch(self, kind: Kind, volume: str) -> float:
        begun = time.monotonic()
        self.delete(kind, [volume])
        return time.monotonic() - begun

    def _new(self, kind: Kind, size_gib: int) -> tuple[str, list[str]]:
        """Where a new volume will be, and the command that makes it."""
        name, group = f"volume-{next(self._numbers)}", kind.group
        if kind is Kind.THIN:
            size = ["--virtualsize", f"{size_gib}g", "--thinpool", f"{group}-pool"]
        else:
            size = ["--wipesignatures", "y", "--zero", "y", "--size", f"{size_gib}g"]
        return f"/dev/{group}/{name}", ["lvcreate", "--yes", *size, "--name", name, group]

    def _timed(self, work: Callable[[], object]) -> None:
        begun = time.thread_time()
        work()
        self._own_s += time.thread_time() - begun


def _export(volume: str) -> None:
    """A target with the volume, its portal, and an initiator that may log in with a password."""
    name = volume.rpartition("/")[2]
    store = rtslib_fb.BlockStorageObject(name, dev=volume)
    group = rtslib_fb.TPG(rtslib_fb.Target(rtslib_fb.FabricModule("iscsi"), f"{_PREFIX}{name}"), 1)
    for attribute, value in _ATTRIBUTES.items():
        group.set_attribute(attribute, value)
    rtslib_fb.LUN(group, 0, store)
    rtslib_fb.NetworkPortal(group, *_PORTAL)
    group.enable = True
    rule = rtslib_fb.NodeACL(group, _INITIATOR)
    rule.chap_userid, rule.chap_password = "bench", "a-long-password"
    rtslib_fb.MappedLUN(rule, 0, 0)


def _take_away(volume: str) -> None:
    name = volume.rpartition("/")[2]
    rtslib_fb.Target(rtslib_fb.FabricModule("iscsi"), f"{_PREFIX}{name}", "lookup").delete()
    next(each for each in rtslib_fb.RTSRoot().storage_objects if each.name == name).delete()
