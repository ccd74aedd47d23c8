"""How the services and their privileged helper talk: one call per connection, each way one JSON document.

A document stands behind its length, four bytes in network order. The call is `{"verb": …, "arguments": {…}}`, the
answer `{"result": …}`, `{"error": its class, "fields": {…}}` or, where the function has a mistake, `{"bug": …}`.
"""

import socket
import struct
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lapilli.model.errors import (
    BackendFailed,
    CommandFailed,
    Conflict,
    Forbidden,
    LapilliError,
    Malformed,
    NotFound,
    Taken,
    Unavailable,
)

LARGEST_REQUEST: Final = 64 * 1024
"""Bytes. A call names things and sizes; it carries no data."""
LARGEST_ANSWER: Final = 64 * 1024 * 1024
"""Bytes. LVM's report of some ten thousand volumes has a tenth of that."""

_LENGTH = struct.Struct("!I")
_PLAIN: Final = {each.__name__: each for each in (BackendFailed, Conflict, Forbidden, Malformed, Taken, Unavailable)}


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """A call as it arrives; what the arguments may be, the verb says."""

    verb: str
    arguments: msgspec.Raw


class _Answer(msgspec.Struct):
    result: Any = None
    error: str | None = None
    fields: dict[str, Any] = {}
    bug: str | None = None


_request = msgspec.json.Decoder(Request)
_answer = msgspec.json.Decoder(_Answer)


def send(connection: socket.socket, document: bytes) -> None:
    """Write one document; `OSError` if the other side has gone."""
    connection.sendall(_LENGTH.pack(len(document)) + document)


def receive(connection: socket.socket, largest: int) -> bytes:
    """Read one document; `EOFError` if the other side ends before, `Malformed` if it has more than `largest` bytes."""
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > largest:
        raise Malformed(f"A message of {length} bytes is larger than {largest}, the most that is read.")
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length:
        piece = connection.recv(min(length - len(pieces), 1 << 20))
        if not piece:
            raise EOFError
        pieces += piece
    return bytes(pieces)


def request(verb: str, arguments: Mapping[str, Any]) -> bytes:
    """A call as it is sent; `Malformed` if it is too large."""
    document = msgspec.json.encode({"verb": verb, "arguments": arguments})
    if len(document) > LARGEST_REQUEST:
        raise Malformed(f"The arguments of {verb} have {len(document)} bytes, and at most {LARGEST_REQUEST} are taken.")
    return document


def asked(document: bytes) -> Request:
    """The call that was sent; `Malformed` if it is none."""
    try:
        return _request.decode(document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"This is no call: {error}") from error


def done(value: Any) -> bytes:
    """The answer of a function that has returned."""
    return msgspec.json.encode({"result": value})


def failed(error: Exception) -> bytes:
    """The answer of a function that has raised."""
    match error:
        case CommandFailed():
            fields = {"argv": error.argv, "exit_code": error.exit_code, "stderr": error.stderr}
            return msgspec.json.encode({"error": "CommandFailed", "fields": fields})
        case NotFound():
            return msgspec.json.encode({"error": "NotFound", "fields": {"kind": error.kind, "name": error.name}})
        case LapilliError():
            name = next((each.__name__ for each in type(error).__mro__ if each.__name__ in _PLAIN), "Unavailable")
            return msgspec.json.encode({"error": name, "fields": {"message": str(error)}})
        case _:
            return msgspec.json.encode({"bug": f"{type(error).__name__}: {error}"})


def result(document: bytes) -> Any:
    """What the function returned; raises what it raised, and `RuntimeError` where that was a bug."""
    answer = _answer.decode(document)
    if answer.bug is not None:
        raise RuntimeError(f"in the privileged helper: {answer.bug}")
    if answer.error == "CommandFailed":
        raise CommandFailed(**answer.fields)
    if answer.error == "NotFound":
        raise NotFound(**answer.fields)
    if answer.error is not None:
        raise _PLAIN[answer.error](answer.fields["message"])
    return answer.result
