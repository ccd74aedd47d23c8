"""A small host that speaks NVMe over TCP: enough to connect, read, write, and be thrown out.

The kernel's own makes one disk of all its connections to a subsystem, so two hosts cannot be told apart on one machine.
"""

import socket
import struct
import uuid
from dataclasses import dataclass, field
from typing import Final

_ICREQ, _ICRESP, _COMMAND, _RESPONSE, _DATA = 0, 1, 4, 5, 7
_HEAD: Final = struct.Struct("<BBBBI")
_IN_CAPSULE, _TRANSPORT = 0x01, 0x5A  # kinds of scatter-gather entries
_SGL: Final = 0x40
_FABRICS: Final = 0x7F
_CONFIGURATION, _STATUS = 0x14, 0x1C  # registers of a controller
_ENABLED: Final = 0x460001  # with entries of 64 and 16 bytes
_SUCCESS: Final = 0x08  # a flag of the last data: no response follows
_ANSWERS_WITHIN_S: Final = 20


class Refused(Exception):
    """The target says no."""


@dataclass
class Queue:
    """One connection: a queue of commands, the admin queue (0) or one for I/O."""

    address: tuple[str, int]
    link: socket.socket = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.link = socket.create_connection(self.address, timeout=_ANSWERS_WITHIN_S)
        self.link.sendall(_HEAD.pack(_ICREQ, 0, 128, 0, 128) + bytes(120))
        kind, _, _ = self._receive()
        assert kind == _ICRESP

    def ask(self, opcode: int, space: int, words: bytes, *, sent: bytes = b"", expected: int = 0) -> tuple[int, bytes]:
        """Do a command. `words` are its last 24 bytes. Returns the result's first 8 bytes and the data."""
        self.number = self.number % 1000 + 1
        length, kind = (len(sent), _IN_CAPSULE) if sent else (expected, _TRANSPORT)
        command = struct.pack("<BBHI16x", opcode, _SGL, self.number, space)
        command += struct.pack("<QI3xB", 0, length, kind) + words.ljust(24, b"\0")
        self.link.sendall(_HEAD.pack(_COMMAND, 0, 72, 72 if sent else 0, 72 + len(sent)) + command + sent)
        data = b""
        while True:
            kind, flags, body = self._receive()
            if kind == _DATA:
                data += body[16:]
                if flags & _SUCCESS:
                    return 0, data
                continue
            assert kind == _RESPONSE, kind
            result, _, _, _, status = struct.unpack("<QHHHH", body)
            if status >> 1:
                raise Refused(f"command {opcode:#x} ended with {status >> 1:#x}")
            return result, data

    def connect(self, subsystem: str, host: str, queue: int, controller: int) -> int:
        """Become a queue of the host's; returns the controller's number."""
        identity = uuid.uuid5(uuid.NAMESPACE_URL, host).bytes
        data = identity + struct.pack("<H238x256s256s256x", controller, subsystem.encode(), host.encode())
        return self.ask(_FABRICS, 0x01, struct.pack("<HHHBxI", 0, queue, 31, 0, 0), sent=data)[0] & 0xFFFF

    def enable(self) -> None:
        self.ask(_FABRICS, 0x00, struct.pack("<B3xIQ", 0, _CONFIGURATION, _ENABLED))
        while not self.ask(_FABRICS, 0x04, struct.pack("<B3xI", 0, _STATUS))[0] & 1:
            pass

    def _receive(self) -> tuple[int, int, bytes]:
        kind, flags, head, _, length = _HEAD.unpack(self._read(_HEAD.size))
        assert head <= length
        return kind, flags, self._read(length - _HEAD.size)

    def _read(self, length: int) -> bytes:
        parts = b""
        while len(parts) < length:
            part = self.link.recv(length - len(parts))
            if not part:
                raise ConnectionResetError("the target hung up")
            parts += part
        return parts


class Controller:
    """A host's connections to a subsystem, one for the administration and one for I/O."""

    def __init__(self, address: tuple[str, int], subsystem: str, host: str) -> None:
        """Raises `Refused` if the target does not let the host in."""
        self._queues = [Queue(address)]
        try:
            admin = self._queues[0]
            number = admin.connect(subsystem, host, 0, 0xFFFF)
            admin.enable()
            self._queues.append(Queue(address))
            self._queues[1].connect(subsystem, host, 1, number)
        except BaseException:
            self.close()
            raise

    @property
    def ports(self) -> list[int]:
        """The host's ends of the connections."""
        return [queue.link.getsockname()[1] for queue in self._queues]

    def size(self, space: int) -> tuple[int, int]:
        """How many blocks the namespace has, and of how many bytes."""
        told = self._queues[0].ask(0x06, space, b"", expected=4096)[1]
        form = told[26] & 0xF
        return struct.unpack_from("<Q", told)[0], 1 << told[128 + 4 * form + 2]

    def read(self, space: int, block: int, count: int, block_bytes: int) -> bytes:
        words = struct.pack("<QI", block, count - 1)
        return self._queues[1].ask(0x02, space, words, expected=count * block_bytes)[1]

    def write(self, space: int, block: int, data: bytes, block_bytes: int) -> None:
        """At most 16 KiB, which go with the command."""
        self._queues[1].ask(0x01, space, struct.pack("<QI", block, len(data) // block_bytes - 1), sent=data)

    def close(self) -> None:
        for queue in self._queues:
            queue.link.close()
