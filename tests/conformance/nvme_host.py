"""The host's side of an NVMe target, for the suite of targets."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from lapilli.model.values import Export, ExportGrant
from tests.conformance.nvme_tcp import Controller, Refused
from tests.conformance.session_host import SessionHost

ALICE = "nqn.2014-08.org.nvmexpress:uuid:a11ce000-0000-4000-8000-000000000001"
BOB = "nqn.2014-08.org.nvmexpress:uuid:b0b00000-0000-4000-8000-000000000002"
_CHUNK = 8192
_ESTABLISHED = "01"


@dataclass(frozen=True)
class NvmeHost(SessionHost):
    """A host: everything it knows comes out of the connection info (form 1)."""

    name: str
    data: Mapping[str, Any]
    # The port of each connection's end here, with its subsystem and host: tells who is connected.
    connections: ClassVar[dict[int, tuple[str, str]]] = {}

    @classmethod
    def of(cls, name: str, grant: ExportGrant) -> "NvmeHost":
        return cls(name, grant.data)

    @classmethod
    def connected(cls, export: Export) -> set[str]:
        """The hosts whose connections the kernel, as the target, still has open."""
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        open_to = {int(line.split()[2].split(":")[1], 16) for line in lines if line.split()[3] == _ESTABLISHED}
        return {who for port, (name, who) in cls.connections.items() if name == export.name and port in open_to}

    def at(self, export: Export) -> "NvmeHost":
        return replace(self, data={**self.data, "nqn": export.name})

    def may_log_in(self) -> bool:
        try:
            with self._controller():
                return True
        except Refused:
            return False

    def size_bytes(self) -> int:
        with self._controller() as controller:
            blocks, block_bytes = controller.size(self._space)
            return blocks * block_bytes

    @contextmanager
    def session(self) -> Iterator["NvmeSession"]:
        with self._controller() as controller:
            yield NvmeSession(controller, self._space, controller.size(self._space)[1])

    @contextmanager
    def _controller(self) -> Iterator[Controller]:
        address = (self.data["target_portal"], int(self.data["target_port"]))
        controller = Controller(address, self.data["nqn"], self.name)
        ports = controller.ports
        self.connections.update(dict.fromkeys(ports, (self.data["nqn"], self.name)))
        try:
            yield controller
        finally:
            controller.close()
            for port in ports:
                del self.connections[port]

    @property
    def _space(self) -> int:
        return int(self.data["ns_id"])


@dataclass(frozen=True)
class NvmeSession:
    """A connection that stays; the kernel's host would come back when it is lost, this one does not."""

    controller: Controller
    space: int
    block_bytes: int

    def writes(self, offset_bytes: int, pattern: int, length_bytes: int) -> bool:
        chunk = bytes([pattern]) * min(_CHUNK, length_bytes)
        try:
            for at in range(offset_bytes, offset_bytes + length_bytes, len(chunk)):
                self.controller.write(self.space, at // self.block_bytes, chunk, self.block_bytes)
        except (Refused, OSError):
            return False
        return True

    def reads(self, offset_bytes: int, length_bytes: int) -> bool:
        try:
            return len(self.content(offset_bytes, max(length_bytes, self.block_bytes))) >= length_bytes
        except (Refused, OSError):
            return False

    def content(self, offset_bytes: int, length_bytes: int) -> bytes:
        step = min(_CHUNK, length_bytes)
        places = range(offset_bytes, offset_bytes + length_bytes, step)
        count = step // self.block_bytes
        parts = (self.controller.read(self.space, at // self.block_bytes, count, self.block_bytes) for at in places)
        return b"".join(parts)
