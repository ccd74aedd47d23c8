"""The steps of `lapilli demo`, in their order: nine until a volume is in use, and what people do with it then."""

import os
import uuid
from functools import partial
from pathlib import Path
from typing import Final

from lapilli.cmd.demo.clients import Clients
from lapilli.cmd.demo.steps import SNAPSHOT, compare, decision, digest, extend, new_snapshot, new_volume, step
from lapilli.host.qemu import Disk, disk
from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB

_INITIATOR: Final = "iqn.2010-10.org.openstack:lapilli-demo"


def walk(clients: Clients, place: Path, size_mib: int) -> None:
    """Go all steps with an instance whose data is in `place`. Raises `BackendFailed` where a byte is wrong."""
    host = _Host(clients, place, size_mib)
    volume = _nine_steps(clients, place, host)
    _what_follows(clients, host, volume)
    step("The snapshot is deleted", lambda: clients.delete_all(SNAPSHOT))
    step("The volumes are deleted", lambda: clients.delete_all(()))
    if left := list((place / "data" / "volumes").glob("volume-*")):
        raise BackendFailed(f"Of deleted volumes there is left: {left}")


def _nine_steps(clients: Clients, place: Path, host: "_Host") -> str:
    volume = step("1 A user asks the API for a volume", lambda: str(clients.ask("create", "--size", "1", "v")["id"]))
    shown = step("  … until it is available", lambda: clients.settled((), volume, "available"))
    step("2 The API asked the scheduler, which weighed the pools", lambda: decision(place, volume))
    step("3 The request went to the pool's node", lambda: shown["os-vol-host-attr:host"])
    file = place / "data" / "volumes" / f"volume-{volume}"
    step("4 The driver made the volume", lambda: f"{file.stat().st_size // GIB} GiB, {file}")
    step("5 It is reserved for a server, by another request", lambda: host.reserve(volume))
    step("6 A target and a LUN are made for the server's host", lambda: host.export(volume))
    step("7 The host is told portal, name, LUN and credentials", lambda: host.told(volume))
    step("8 Its initiator logs in, writes and reads", lambda: host.write_and_compare(volume))
    step("9 The volume is in use", lambda: host.complete(volume))
    return volume


def _what_follows(clients: Clients, host: "_Host", volume: str) -> None:
    old = host.written
    step("The host gives the volume back", lambda: host.detach(volume))
    snapshot = step("A snapshot is made", lambda: new_snapshot(clients, volume))
    clone = step("A clone is made", lambda: new_volume(clients, "--source", volume))
    step("Other bytes are written to the volume", lambda: host.use(volume, 1, new=True))
    restored = step("A volume is made of the snapshot", lambda: new_volume(clients, "--snapshot", snapshot))
    for name, copy in (("clone", clone), ("snapshot", restored)):
        step(f"The {name} has the bytes of then", partial(host.use, copy, 1, expected=old))
    step("The volume grows to 2 GiB", lambda: extend(clients, volume, "available"))
    step("It has its bytes still, and its host sees its size", lambda: host.use(volume, 2, expected=host.written))


class _Host:
    """A host with an initiator, and what it has written."""

    def __init__(self, clients: Clients, place: Path, size_mib: int) -> None:
        self._clients = clients
        self._place = place
        self._size_mib = size_mib
        self._attachments: dict[str, str] = {}
        self._disks: dict[str, Disk] = {}
        self.written = ""

    def reserve(self, volume: str) -> str:
        server = str(uuid.uuid4())
        self._attachments[volume] = self._clients.reserve(volume, server)
        return f"attachment {self._attachments[volume]} for server {server}"

    def export(self, volume: str) -> str:
        words = ("--initiator", _INITIATOR, "--host", "demo-host", "--ip", "127.0.0.1")
        told = self._clients.ask("attachment", "set", *words, self._attachments[volume])["Properties"]
        self._disks[volume] = disk(told, _INITIATOR, self._place / f"{volume}.password")
        return str(told["target_iqn"])

    def told(self, volume: str) -> str:
        told = self._clients.ask("attachment", "show", self._attachments[volume])["Properties"]
        return f"{told['target_portal']}, LUN {told['target_lun']}, {told['auth_method']} as {told['auth_username']}"

    def write_and_compare(self, volume: str) -> str:
        source = self._place / "written"
        with source.open("wb") as file:
            for _ in range(self._size_mib):
                file.write(os.urandom(1024**2))
        self.written = digest(source)
        self._disks[volume].write(source)
        return f"{self._size_mib} MiB written, {self.compare(volume, self.written)}"

    def compare(self, volume: str, expected: str) -> str:
        copy = self._place / "read"
        self._disks[volume].read(copy, self._size_mib)
        return compare(copy, expected)

    def complete(self, volume: str) -> str:
        self._clients.do("attachment", "complete", self._attachments[volume])
        attached = self._clients.settled((), volume, "in-use")["attachments"]
        return f"attached to {attached[0]['server_id']} on {attached[0]['host_name']}"

    def detach(self, volume: str) -> None:
        self._clients.do("attachment", "delete", self._attachments.pop(volume))
        self._clients.settled((), volume, "available")

    def use(self, volume: str, size_gib: int, *, expected: str = "", new: bool = False) -> str:
        """Attach a volume, look at its size, and write to it or compare; give it back."""
        self.reserve(volume)
        self.export(volume)
        size_bytes = self._disks[volume].size_bytes()
        if size_bytes != size_gib * GIB:
            raise BackendFailed(f"The initiator sees {size_bytes} bytes, not {size_gib} GiB.")
        said = self.write_and_compare(volume) if new else self.compare(volume, expected)
        self.detach(volume)
        return said
