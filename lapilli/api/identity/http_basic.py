"""Names and passwords from a file, as `htpasswd -B` writes it, for installations without Keystone."""

import base64
import binascii
import hmac
import logging
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import bcrypt

from lapilli.api.identity import Headers, check_url_project
from lapilli.api.identity.memory import Memory
from lapilli.api.identity.users import User, read_users
from lapilli.model.errors import Malformed, Unauthenticated, Unavailable
from lapilli.model.options import option
from lapilli.model.values import Caller

_log = logging.getLogger(__name__)

# bcrypt takes 50 ms and more of a CPU. Strangers who guess may have this many at a time, and wait for their turn.
_CHECKS_AT_ONCE = 2
_WAIT_S = 5.0
_REMEMBER_S = 3600.0
_REMEMBERED = 1024


@dataclass(frozen=True)
class HttpBasicSettings:
    """`[oslo_middleware]`, where oslo.middleware has this option."""

    http_basic_auth_user_file: str = option(
        "/etc/htpasswd", help="File with a line USER:BCRYPT-HASH[:PROJECT,…[:ROLE,…]] for each user."
    )


class HttpBasic:
    """Knows the users of a file, which is read again when it changes.

    When a changed file has bad lines, the good ones hold and the bad ones are logged: what was taken away is gone at
    once. A file that cannot be read changes nothing, because editors replace files in two steps.
    """

    challenge = 'Basic realm="Lapilli", charset="UTF-8"'

    def __init__(self, path: Path) -> None:
        """Raises `Malformed` with every bad line."""
        self._path = path
        # Taken first: a file that changes while it is read is then read once more.
        self._stamp = _stamp(path)
        users, mistakes = read_users(path)
        if mistakes:
            raise Malformed("\n".join(mistakes))
        self._table = _Table(users)
        self._reading = threading.Lock()

    def identify(self, headers: Headers, url_project: str | None, method: str, path: str) -> Caller:  # noqa: ARG002
        self._follow_file()
        user = self._table.recognise(headers.get("authorization", ""))
        caller = Caller(
            user_id=user.name,
            project_id=user.project_for(url_project),
            roles=user.roles,
            is_admin=False,
        )
        return check_url_project(caller, url_project)

    def _follow_file(self) -> None:
        stamp = _stamp(self._path)
        if stamp in (self._stamp, None):
            return
        with self._reading:
            if stamp == self._stamp:
                return
            try:
                users, mistakes = read_users(self._path)
            except Malformed as error:
                _log.error("%s The users stay as they were.", error)
                return
            self._stamp = stamp
            self._table = _Table(users)
        for mistake in mistakes:
            _log.error("%s This line lets nobody in.", mistake)


class _Table:
    """The users of one reading of the file, with the verdicts on what was sent since.

    Verdicts are remembered under a keyed hash, so that neither passwords nor anything that can be tried against
    stays in memory; they go with the table when the file changes.
    """

    def __init__(self, users: dict[str, User]) -> None:
        self._users = users
        self._key = secrets.token_bytes(32)
        self._known: Memory[User] = Memory(_REMEMBERED, time.monotonic)
        self._wrong: Memory[bool] = Memory(_REMEMBERED, time.monotonic)
        self._turn = threading.BoundedSemaphore(_CHECKS_AT_ONCE)
        # An unknown name must cost what a known one costs, or the time would tell which names exist.
        cost = max((user.cost for user in users.values()), default=12)
        self._decoy = b"$2b$%02d$%s" % (cost, b"." * 53)

    def recognise(self, header: str) -> User:
        """The user whose credentials the `Authorization` header has. Raises `Unauthenticated`, or `Unavailable`."""
        name, password = _credentials(header)
        key = hmac.digest(self._key, header.encode(), "sha256")
        user = self._known.find(key)
        if user is None and not self._wrong.find(key):
            if not self._turn.acquire(timeout=_WAIT_S):
                raise Unavailable("Too many passwords are being checked. Try again in a moment.")
            try:
                user = self._known.find(key) or self._check(name, password, key)
            finally:
                self._turn.release()
        if user is None:
            raise Unauthenticated("The user or the password is wrong.")
        return user

    def _check(self, name: str, password: bytes, key: bytes) -> User | None:
        user = self._users.get(name)
        try:
            right = bcrypt.checkpw(password, user.password_hash if user else self._decoy)
        except ValueError:
            right = False  # Longer than the 72 bytes that bcrypt takes: no hash can be of it.
        if user is None or not right:
            self._wrong.keep(key, value=True, for_s=_REMEMBER_S)
            return None
        self._known.keep(key, user, _REMEMBER_S)
        return user


def _credentials(header: str) -> tuple[str, bytes]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise Unauthenticated("The request you have made requires a user and a password (HTTP Basic).")
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        if colon:
            return name.decode(), password
    except (binascii.Error, ValueError):
        pass
    raise Unauthenticated("The Authorization header is not USER:PASSWORD in UTF-8 and base64.")


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What differs when the file does; None while it cannot be found."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size
