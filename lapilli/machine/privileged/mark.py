"""What needs root, as named functions with plain arguments.

A function marked `@privileged` is called like any other. Where this process is root it runs here; otherwise the
privileged helper (`machine/privileged/helper.py`, another process of this machine) is asked to run it, and its result
or its error is as if it had run here.

Such a function is one of the machine room, at the top of its module. Its arguments and its result are JSON: str, int,
bool, None, lists and dicts of them, annotated as such. It does one thing that its name says, and checks what it is
given as if a stranger had called it, for the helper checks the types alone. Its log line shows the arguments, but for
those whose name says that they are secret (`password`, `…_key`: see `model/secrets.py`).
"""

import errno
import inspect
import os
import socket
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, get_type_hints

import msgspec

from lapilli.machine.privileged import wire
from lapilli.model.errors import Unavailable

_P = ParamSpec("_P")
_R = TypeVar("_R")

_COMES_BACK_WITHIN_S: Final = 5.0
# The programs that a function runs have bounds of their own, all below this one.
_LONGEST_CALL_S: Final = 3600.0


@dataclass(frozen=True)
class Verb:
    """A function that the helper does for others."""

    name: str
    function: Callable[..., Any]

    @cached_property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    @cached_property
    def arguments(self) -> type[msgspec.Struct]:
        """The arguments by name, as JSON is read into them: nothing but what the annotations say."""
        hints = get_type_hints(self.function)
        fields = [
            (name, hints[name]) if one.default is one.empty else (name, hints[name], one.default)
            for name, one in self.signature.parameters.items()
        ]
        return msgspec.defstruct("Arguments", fields, forbid_unknown_fields=True, kw_only=True)


_VERBS: dict[str, Verb] = {}


class _Helper:
    """Where the helper of this process listens, once it has been told."""

    path: Path | None = None


def use_helper(path: Path) -> None:
    """From now on, what needs root is asked of the helper that listens at this path."""
    _Helper.path = path


def helper_listens(path: Path) -> bool:
    """Whether somebody listens at this path; that it is the helper of this user, the first call tells."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) not in {errno.ENOENT, errno.ECONNREFUSED}


def privileged(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a function that needs root; see the top of this module for what it has to be like.

    Besides its own errors a call raises `Unavailable` where this process is not root and no helper answers. If the
    helper dies in the middle, how far the function came is not known: the caller looks before it acts again, as every
    effect does.
    """
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
    verb = _VERBS[name] = Verb(name, function)

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if os.geteuid() == 0:
            return function(*args, **kwargs)
        result: _R = _ask(verb.name, verb.signature.bind(*args, **kwargs).arguments)
        return result

    return call


def verbs_of(modules: Collection[str]) -> dict[str, Verb]:
    """The marked functions of these modules, as far as they are imported, by the names that the helper is asked for."""
    return {name: verb for name, verb in _VERBS.items() if verb.function.__module__ in modules}


def _ask(verb: str, arguments: Mapping[str, Any]) -> Any:
    if _Helper.path is None:
        raise Unavailable(f"{verb} needs root, and this process neither is root nor knows a privileged helper.")
    with _connected(_Helper.path) as connection:
        connection.settimeout(_LONGEST_CALL_S)
        try:
            with suppress(BrokenPipeError):  # refused before it was read: the answer says why
                wire.send(connection, wire.request(verb, arguments))
            answer = wire.receive(connection, wire.LARGEST_ANSWER)
        except (OSError, EOFError) as error:
            raise Unavailable(
                f"The privileged helper went away in the middle of {verb}; it is looked at again with the next try."
            ) from error
    return wire.result(answer)


def _connected(path: Path) -> socket.socket:
    """A connection to the helper. One that is just being started again is waited for: nothing has been asked yet."""
    deadline = time.monotonic() + _COMES_BACK_WITHIN_S
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(path))
        except PermissionError as error:
            connection.close()
            raise Unavailable(
                f"{path} is the socket of a privileged helper that serves another user: start it with --user."
            ) from error
        except OSError as error:
            connection.close()
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The privileged helper does not answer at {path}: `systemctl start lapilli-privileged`, "
                    "or run `lapilli privileged` as root with the same configuration."
                ) from error
            time.sleep(0.05)
        else:
            return connection
