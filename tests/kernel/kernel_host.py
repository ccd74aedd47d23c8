"""The kernel's own iSCSI initiator as a host of the suite of targets: over iSER, under any name."""

import errno
import itertools
import mmap
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lapilli.model.values import Export, ExportGrant
from tests.conformance.session_host import SessionHost
from tests.kernel.machine import Failed, run, wait_for

_BLOCK = 4096
# The target hangs up after a refusal, which over RDMA may come before its answer.
_REFUSED = ("authorization failure", "timed out", "target not found")
# Each login has an interface of its own, so that a host may have several sessions.
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class IserHost(SessionHost):
    """A host: everything it knows comes out of the connection info. `Initiator.started` has to be around it."""

    name: str
    data: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, grant: ExportGrant) -> "IserHost":
        return cls(name, grant.data)

    def at(self, export: Export) -> "IserHost":
        there = {"target_iqn": export.name, "auth_username": export.username, "auth_password": export.password}
        return replace(self, data={**self.data, **there})

    def may_log_in(self) -> bool:
        try:
            with self.session():
                return True
        except Failed as failed:
            if not any(words in failed.said for words in _REFUSED):
                raise
            return False

    def size_bytes(self) -> int:
        with self.session() as session:
            return os.lseek(session.descriptor, 0, os.SEEK_END)

    @contextmanager
    def session(self) -> Iterator["DiskSession"]:
        interface = f"host{next(_NUMBERS)}"
        for words in (("new",), _set("iface.initiatorname", self.name), _set("iface.transport_name", "iser")):
            run("iscsiadm", "-m", "iface", "-I", interface, "--op", *words)
        where = ("-T", self.data["target_iqn"], "-p", self.data["target_portal"], "-I", interface)
        node = ("iscsiadm", "-m", "node", *where)
        run(*node, "--op", "new")
        for key, value in self._settings.items():
            run(*node, "--op", *_set(key, value))
        run(*node, "--login")
        descriptor = _opened(wait_for(lambda: _disk(interface)))
        try:
            yield DiskSession(descriptor)
        finally:
            os.close(descriptor)
            run(*node, "--logout")

    @property
    def _settings(self) -> Mapping[str, str]:
        return {
            "node.session.auth.authmethod": "CHAP",
            "node.session.auth.username": self.data["auth_username"],
            "node.session.auth.password": self.data["auth_password"],
            # A host that is out gets its errors soon, and a refused one its answer.
            "node.session.timeo.replacement_timeout": "1",
            "node.conn[0].timeo.login_timeout": "3",
        }


@dataclass(frozen=True)
class DiskSession:
    """A login that stays, and its disk, which is read and written around the page cache."""

    descriptor: int

    def writes(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        with mmap.mmap(-1, length_bytes) as page:
            page.write(bytes([pattern]) * length_bytes)
            with suppress(OSError):
                return os.pwritev(self.descriptor, [page], offset_bytes) == length_bytes
        return False

    def reads(self, offset_bytes: int, length_bytes: int) -> bool:
        with suppress(OSError):
            return len(self.content(offset_bytes, length_bytes)) == length_bytes
        return False

    def content(self, offset_bytes: int, length_bytes: int) -> bytes:
        with mmap.mmap(-1, -(-length_bytes // _BLOCK) * _BLOCK) as page:
            os.preadv(self.descriptor, [page], offset_bytes)
            return page[:length_bytes]


def _set(key: str, value: str) -> tuple[str, ...]:
    return ("update", "-n", key, "-v", value)


def _opened(disk: str) -> int:
    """For writing, unless it is protected from that."""
    try:
        return os.open(disk, os.O_RDWR | os.O_DIRECT)
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        return os.open(disk, os.O_RDONLY | os.O_DIRECT)


def _disk(interface: str) -> str | None:
    """The disk of the session that goes through this interface, once the kernel has found it."""
    for session in Path("/sys/class/iscsi_session").glob("session*"):
        with suppress(OSError):
            if (session / "ifacename").read_text().strip() == interface:
                found = [*session.glob("device/target*/*/block/sd*")]
                return f"/dev/{found[0].name}" if found else None
    return None
