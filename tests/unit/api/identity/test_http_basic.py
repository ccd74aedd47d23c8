"""Users of a file: who gets in, as whom, and what happens when the file changes."""

import itertools
import logging
import os
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import bcrypt
import pytest

from lapilli.api.identity.http_basic import HttpBasic
from lapilli.model.errors import Malformed, Unauthenticated
from lapilli.model.values import Caller

WriteUsers = Callable[..., Path]


def hashed(password: str, cost: int = 4) -> str:
    """A hash as Apache's `htpasswd -B` writes it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode().replace("$2b$", "$2y$")


SECRET = hashed("secret")


@pytest.fixture
def write(tmp_path: Path) -> WriteUsers:
    """Writes the lines of the file anew, and moves its modification time."""
    path = tmp_path / "htpasswd"
    versions = itertools.count(1)

    def write(*lines: str) -> Path:
        path.write_text("\n".join(lines))
        os.utime(path, ns=(0, next(versions)))
        return path

    return write


def identify(identity: HttpBasic, credentials: str, url_project: str | None = None) -> Caller:
    header = f"Basic {b64encode(credentials.encode()).decode()}"
    return identity.identify({"authorization": header}, url_project, "GET", "/v3/volumes")


def refused(identity: HttpBasic, credentials: str) -> bool:
    try:
        identify(identity, credentials)
    except Unauthenticated:
        return True
    return False


@pytest.mark.parametrize(
    ("fields", "url_project", "project", "roles"),
    [
        ("", None, "mia", {"member", "reader"}),
        ("", "mia", "mia", {"member", "reader"}),
        (":p1", None, "p1", {"member", "reader"}),
        (":p1,p2", "p2", "p2", {"member", "reader"}),
        (":p1,*", "p9", "p9", {"member", "reader"}),
        (":p1,*", None, "p1", {"member", "reader"}),
        (":*", None, "mia", {"member", "reader"}),
        ("::admin", None, "mia", {"admin", "member", "reader"}),
        (":p1:reader", None, "p1", {"reader"}),
        (":p1: reader, auditor", None, "p1", {"reader", "auditor"}),
    ],
)
def test_projects_and_roles(
    write: WriteUsers, fields: str, url_project: str | None, project: str, roles: frozenset[str] | set[str]
) -> None:
    """The line says in which projects a user acts, the usual one first, and with which roles."""
    caller = identify(HttpBasic(write(f"mia:{SECRET}{fields}")), "mia:secret", url_project)
    assert (caller.user_id, caller.project_id, caller.roles) == ("mia", project, roles)


def test_project_of_others(write: WriteUsers) -> None:
    """A URL with a project that the user may not act in is malformed, as with a token for another project."""
    with pytest.raises(Malformed):
        identify(HttpBasic(write(f"mia:{SECRET}:p1,p2")), "mia:secret", "p3")


@pytest.mark.parametrize(
    "credentials", ["mia:wrong", "mia:", "eve:secret", ":secret", "mia:" + "x" * 73, "mia:secret\0", "mia"]
)
def test_wrong(write: WriteUsers, credentials: str) -> None:
    """Wrong names and passwords let nobody in, the second time as the first."""
    identity = HttpBasic(write("# users", "", f"mia:{SECRET}"))
    assert [refused(identity, credentials) for _ in range(2)] == [True, True]


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Bearer bWlhOnNlY3JldA==", "Basic /////w=="])
def test_malformed_header(write: WriteUsers, header: str) -> None:
    """A header that has no name and password is answered with the challenge, not with a fault."""
    identity = HttpBasic(write(f"mia:{SECRET}"))
    with pytest.raises(Unauthenticated):
        identity.identify({"authorization": header}, None, "GET", "/v3")
    assert identity.challenge.startswith("Basic realm=")


def test_colon_and_umlaut(write: WriteUsers) -> None:
    """A password may have colons and any letters."""
    identity = HttpBasic(write(f"mia:{hashed('a:ü')}"))
    assert identify(identity, "mia:a:ü").user_id == "mia"


def test_bcrypt_is_asked_once(write: WriteUsers) -> None:
    """The same credentials cost bcrypt's time once only, right or wrong."""
    identity = HttpBasic(write(f"mia:{hashed('secret', cost=10)}"))
    for credentials in ("mia:secret", "mia:wrong", "eve:guess"):
        began = time.process_time()
        refused(identity, credentials)
        first = time.process_time() - began
        began = time.process_time()
        refused(identity, credentials)
        assert time.process_time() - began < first / 10


def test_all_bad_lines(write: WriteUsers) -> None:
    """At the start every bad line is told with file and line, and no line's password."""
    path = write(
        "mia:plainpassword",
        f"bob:{SECRET}:p1:reader:more",
        "no colon",
        f"ann:{SECRET}:a b",
        f"ann:{SECRET}",
        f"ann:{SECRET}",
        "dan:{SHA}" + "x" * 27,
        "eva:" + SECRET.replace("$04$", "$31$"),
    )
    with pytest.raises(Malformed) as refusal:
        HttpBasic(path)
    lines = str(refusal.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}:{number}" for number in (1, 2, 3, 4, 6, 7, 8)]
    assert "plainpassword" not in str(refusal.value)


def test_no_file(tmp_path: Path) -> None:
    """Without the file nothing starts."""
    with pytest.raises(Malformed, match="cannot be read"):
        HttpBasic(tmp_path / "missing")


def test_changed_file(write: WriteUsers) -> None:
    """A change holds at once: a removed user is out although known before, and a new password counts."""
    identity = HttpBasic(write(f"mia:{SECRET}", f"bob:{SECRET}"))
    assert not refused(identity, "mia:secret")
    assert not refused(identity, "bob:secret")
    assert refused(identity, "mia:fresh")
    write(f"mia:{hashed('fresh')}")
    assert [refused(identity, who) for who in ("mia:secret", "mia:fresh", "bob:secret")] == [True, False, True]


def test_changed_file_with_a_bad_line(write: WriteUsers, caplog: pytest.LogCaptureFixture) -> None:
    """In a changed file, good lines hold and bad ones are logged."""
    identity = HttpBasic(write(f"mia:{SECRET}", f"bob:{SECRET}"))
    with caplog.at_level(logging.ERROR):
        path = write(f"mia:{SECRET}", "bob:oops")
        assert [refused(identity, who) for who in ("mia:secret", "bob:secret")] == [False, True]
    assert f"{path}:2: is not USER:HASH" in caplog.text


def test_vanished_file(write: WriteUsers) -> None:
    """While the file is away the users stay, and a file that comes back is read."""
    path = write(f"mia:{SECRET}")
    identity = HttpBasic(path)
    path.unlink()
    assert not refused(identity, "mia:secret")
    write(f"bob:{SECRET}")
    assert [refused(identity, who) for who in ("mia:secret", "bob:secret")] == [True, False]


def test_many_at_once(write: WriteUsers) -> None:
    """Requests from many threads, some of them guesses, all get their own answers."""
    identity = HttpBasic(write(*(f"u{number}:{SECRET}:p{number}" for number in range(8))))
    found: dict[int, str] = {}

    def ask(number: int) -> None:
        refused(identity, f"u{number}:guess")
        found[number] = identify(identity, f"u{number}:secret").project_id

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"p{number}" for number in range(8)}
