"""The privileged helper: does the functions marked `@privileged` for the services, which run as an ordinary user.

It keeps nothing: what it does is on the machine, and it may be killed at any moment and started again.
"""

import logging
import os
import pwd
import select
import socket
import struct
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec

from lapilli.machine.leash import Leash
from lapilli.machine.privileged import wire
from lapilli.machine.privileged.mark import Verb
from lapilli.model.errors import Forbidden, LapilliError, Malformed, Unavailable
from lapilli.model.secrets import is_secret

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 64
_WAITING: Final = 128
# For the call to arrive, and for the answer to be taken: both lie in memory at the other end.
_TALKS_WITHIN_S: Final = 10.0
_PEER = struct.Struct("iII")
_LONGEST_SHOWN: Final = 120


class Helper:
    """Takes calls from one user (and from root), some at once, until it is stopped.

    A caller that goes away before it has its answer takes the programs with it that run for it, and no further one is
    started. `after_call` is done after each function that has returned.
    """

    def __init__(
        self,
        listener: socket.socket,
        user_id: int,
        verbs: Mapping[str, Verb],
        after_call: Callable[[], None] = lambda: None,
    ) -> None:
        self._listener = listener
        self._user_id = user_id
        self._verbs = verbs
        self._after_call = after_call
        self._asked_to_stop = os.eventfd(0, os.EFD_CLOEXEC)
        self._leashes: dict[int, Leash] = {}

    def stop(self) -> None:
        """Let `serve` return, now or when it is called; what runs is killed. May be called by a signal's handler."""
        os.eventfd_write(self._asked_to_stop, 1)

    def serve(self) -> None:
        """Take calls until `stop`."""
        with select.epoll() as poll, ThreadPoolExecutor(_AT_ONCE, "call") as workers:
            poll.register(self._listener, select.EPOLLIN)
            poll.register(self._asked_to_stop, select.EPOLLIN)
            while True:
                ready = [descriptor for descriptor, _ in poll.poll()]
                if self._asked_to_stop in ready:
                    break
                # Before the new ones: a new connection may have the number of one that has gone.
                for descriptor in ready:
                    if leash := self._leashes.get(descriptor):
                        leash.pull()
                if self._listener.fileno() in ready:
                    self._take(poll, workers)
            for leash in list(self._leashes.values()):
                leash.pull()

    def _take(self, poll: select.epoll, workers: ThreadPoolExecutor) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            # Out of descriptors, say. Without a pause the listener would be ready again at once, and for ever.
            _log.error("a call could not be taken: %s", error)
            time.sleep(0.1)
            return
        leash = self._leashes[connection.fileno()] = Leash()
        poll.register(connection, select.EPOLLRDHUP | select.EPOLLONESHOT)
        workers.submit(self._answer, connection, leash)

    def _answer(self, connection: socket.socket, leash: Leash) -> None:
        number = connection.fileno()
        with connection:
            try:
                with leash.worn():
                    answer = self._answer_to(connection)
                connection.settimeout(_TALKS_WITHIN_S)
                wire.send(connection, answer)
            except (OSError, EOFError):
                _log.debug("a caller has gone before it had its answer")
            finally:
                # While the connection is open nobody else can have its number.
                del self._leashes[number]

    def _answer_to(self, connection: socket.socket) -> bytes:
        process_id, user_id, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        who = f"process {process_id} of user {user_id}"
        try:
            if user_id not in {0, self._user_id}:
                raise Forbidden(f"This helper serves user {self._user_id}, and not {user_id}.")
            connection.settimeout(_TALKS_WITHIN_S)
            asked = wire.asked(wire.receive(connection, wire.LARGEST_REQUEST))
            verb, arguments = self._meant(asked)
        except LapilliError as error:
            _log.warning("%s is refused: %s", who, error)
            return wire.failed(error)
        return self._do(who, verb, arguments)

    def _meant(self, asked: wire.Request) -> tuple[Verb, Mapping[str, Any]]:
        verb = self._verbs.get(asked.verb)
        if verb is None:
            raise Malformed(f"There is nothing called {asked.verb[:_LONGEST_SHOWN]!r} that is done for others.")
        try:
            arguments = msgspec.json.decode(asked.arguments, type=verb.arguments)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"{verb.name} is not called like that: {error}") from error
        return verb, {name: getattr(arguments, name) for name in arguments.__struct_fields__}

    def _do(self, who: str, verb: Verb, arguments: Mapping[str, Any]) -> bytes:
        what = f"{verb.name}({', '.join(f'{name}={_shown(name, value)}' for name, value in arguments.items())})"
        begin = time.monotonic()
        try:
            value = verb.function(**arguments)
            self._after_call()
            answer = wire.done(value)
        except LapilliError as error:
            _log.warning("%s: %s failed after %.3f s: %s", who, what, time.monotonic() - begin, error)
            return wire.failed(error)
        except Exception as error:  # noqa: BLE001 - a bug in one function must not end the others
            _log.exception("%s: %s has a bug", who, what)
            return wire.failed(error)
        _log.info("%s: %s done in %.3f s", who, what, time.monotonic() - begin)
        return answer


def _shown(name: str, value: Any) -> str:
    """An argument in a log line: on one line, not too long, and without secrets."""
    if is_secret(name):
        return "***"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_shown(key, each)}" for key, each in value.items())[:_LONGEST_SHOWN] + "}"
    return repr(value)[:_LONGEST_SHOWN]


def listen(path: Path, user: pwd.struct_passwd) -> socket.socket:
    """A socket at `path` that only this user, and root, can connect to. One that nobody listens at is replaced.

    Raises `Unavailable` if a helper listens there already, or the path cannot be had.
    """
    # The directory may be the user's own. With the user's rights on files, nothing that lies in wait there (a link to
    # a file of root's, in place of the socket) gains more than the user has.
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    mask = os.umask(0o177)
    try:
        return _bound(path)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be the socket of the privileged helper: {error.strerror or error}. "
            f"It is made as user {user.pw_name}; see privileged_helper_socket."
        ) from error
    finally:
        os.umask(mask)
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def _bound(path: Path) -> socket.socket:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise Unavailable(f"A privileged helper listens at {path} already.")
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(_WAITING)
    return listener
