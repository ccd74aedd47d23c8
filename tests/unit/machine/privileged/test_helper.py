"""What needs root is done by the helper for its user, and for nobody else; it leaves nothing behind."""

import os
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lapilli.machine.privileged import wire
from lapilli.model.errors import Malformed
from tests.unit.machine.privileged import lab, verbs

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a helper is root")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that others can reach, which pytest's own are not."""
    made = tmp_path_factory.mktemp("helper")
    for each in (made, *made.parents[:2]):
        each.chmod(0o755)
    return made


@pytest.fixture(scope="module")
def served(directory: Path) -> Iterator[tuple[Path, Path, int]]:
    """Socket, log and process number of a helper."""
    with lab.helper(directory) as (process, path, log):
        yield path, log, process.pid


def test_root_needs_no_helper() -> None:
    """Where this process is root the function runs here."""
    assert verbs.who_runs(7, []) == [0, os.getpid(), 7]


def test_the_helper_does_it_for_its_user(served: tuple[Path, Path, int]) -> None:
    """Positional and named arguments arrive, and the result comes back from the process that is root."""
    path, _, number = served
    assert lab.call(path, "print(verbs.who_runs(7, words=['a'], facts={'b': None}))") == str([0, number, 7])


def test_one_line_for_each_call_without_secrets(served: tuple[Path, Path, int]) -> None:
    """The log says who asked for what; passwords are not in it, and nobody forges a line."""
    path, log, _ = served
    lab.call(path, r"verbs.who_runs(8, ['a\nWARNING b'], 'hush-hush', {'chap_password': 'hush-too', 'name': 'n1'})")
    text = log.read_text()
    line = next(line for line in text.splitlines() if "number=8" in line)
    assert f"of user {lab.NOBODY.pw_uid}: verbs.who_runs(" in line
    assert "password=***" in line
    assert "'n1'" in line
    assert "done in" in line
    assert "hush" not in text
    assert "\nWARNING b" not in text


@pytest.mark.parametrize(
    ("how", "raised"),
    [
        ("malformed", "Malformed('This is wrong.')"),
        ("taken", "Taken('This is taken.')"),
        ("backend", "BackendFailed('The storage is broken.')"),
        ("missing", "NotFound('Volume v1 could not be found.') Volume v1"),
        ("command", "CommandFailed('lvs storage ended with 5: no group') ('lvs', 'storage') 5 'no group\\n'"),
        ("bug", "RuntimeError('in the privileged helper: ValueError: bug')"),
    ],
)
def test_errors_travel(served: tuple[Path, Path, int], how: str, raised: str) -> None:
    """An error arrives with its class and fields, and the helper goes on after a bug."""
    code = f"""
try:
    verbs.fail({how!r})
except Exception as error:
    fields = {{'CommandFailed': lambda: f' {{error.argv}} {{error.exit_code}} {{error.stderr!r}}',
              'NotFound': lambda: f' {{error.kind}} {{error.name}}'}}
    print(repr(error) + fields.get(type(error).__name__, str)())
"""
    assert lab.call(served[0], code) == raised


def test_strangers_are_refused(served: tuple[Path, Path, int]) -> None:
    """Another user cannot reach the socket; who is given a way to it is refused by his number."""
    path, log, _ = served
    code = "try:\n    verbs.who_runs(9, [])\nexcept Exception as error:\n    print(type(error).__name__, error)"
    assert "serves another user" in lab.call(path, code, user_id=lab.STRANGER_ID)
    path.chmod(0o666)
    try:
        assert lab.call(path, code, user_id=lab.STRANGER_ID).startswith("Forbidden")
    finally:
        path.chmod(0o600)
    assert "number=9" not in log.read_text()


def test_the_socket_is_its_users(served: tuple[Path, Path, int]) -> None:
    """Nobody else may connect."""
    about = served[0].stat()
    assert (about.st_uid, about.st_mode & 0o777) == (lab.NOBODY.pw_uid, 0o600)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"no json",
        b"[]",
        b'{"verb": "verbs.who_runs"}',
        b'{"verb": "verbs.not_marked", "arguments": {}}',
        b'{"verb": "os.system", "arguments": {"command": "true"}}',
        b'{"verb": "lio.remove_target", "arguments": {"name": "iqn.2010-10.org.openstack:a"}}',
        b'{"verb": "verbs.who_runs", "arguments": []}',
        b'{"verb": "verbs.who_runs", "arguments": {"number": 1}}',
        b'{"verb": "verbs.who_runs", "arguments": {"number": "1", "words": []}}',
        b'{"verb": "verbs.who_runs", "arguments": {"number": true, "words": []}}',
        b'{"verb": "verbs.who_runs", "arguments": {"number": 1, "words": [2]}}',
        b'{"verb": "verbs.who_runs", "arguments": {"number": 1, "words": [], "more": 1}}',
        b'{"verb": "verbs.who_runs", "arguments": {"number": 1, "words": []}, "more": 1}',
        b'{"verb": "verbs.who_runs", "arguments": {"number": 1, "words": ["\xff"]}}',
        b'{"verb": "verbs.who_runs", "arguments": ' + b"[" * 60_000,
    ],
    ids=lambda document: document[:90].decode(errors="replace"),
)
def test_what_is_no_call_is_refused(served: tuple[Path, Path, int], document: bytes) -> None:
    """Unknown functions, and arguments of another number, name or type, are refused by the helper itself."""
    with pytest.raises(Malformed):
        wire.result(_raw(served[0], struct.pack("!I", len(document)) + document))


def test_huge_calls_are_refused(served: tuple[Path, Path, int]) -> None:
    """The helper reads no more than a call may have, whatever its length says; the client does not even send it."""
    with pytest.raises(Malformed, match="larger than"):
        wire.result(_raw(served[0], b"\xff\xff\xff\xff"))
    code = "try:\n    verbs.who_runs(1, ['x' * 70_000])\nexcept Exception as error:\n    print(type(error).__name__)"
    assert lab.call(served[0], code) == "Malformed"


def test_large_answers_come_whole(served: tuple[Path, Path, int]) -> None:
    """A report of some MiB comes back."""
    assert lab.call(served[0], "print(len(verbs.large(9_000_000)))") == "9000000"


def test_fifty_at_once(served: tuple[Path, Path, int], directory: Path) -> None:
    """Fifty calls run at the same time: each waits until all fifty are there."""
    hall = directory / "hall"
    hall.mkdir()
    code = f"""
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(50) as pool:
    print(set(pool.map(lambda each: verbs.meet({str(hall)!r}, str(each), 50), range(50))))
"""
    assert lab.call(served[0], code) == "{50}"


def test_a_caller_takes_its_programs_with_it(served: tuple[Path, Path, int], directory: Path) -> None:
    """When the caller is killed, so is the program that runs for it; no other is started, and no descriptor stays."""
    path, _, helper = served
    number, then = directory / "number", directory / "then"
    before = _descriptors(helper)
    caller = lab.start_call(path, f"verbs.wait_beside({str(number)!r}, {str(then)!r})")
    lab.wait_until(number.exists)
    caller.kill()
    caller.communicate()
    lab.wait_until(lambda: not Path("/proc", number.read_text().strip()).exists())
    lab.wait_until(lambda: _descriptors(helper) == before)
    assert _children(helper) == []
    assert not then.exists()


def test_callers_that_say_nothing_hold_nobody_up(served: tuple[Path, Path, int]) -> None:
    """Connections without a call, or cut off within one, are given up; others are served meanwhile."""
    path, _, helper = served
    before = _descriptors(helper)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for each in silent:
        each.connect(str(path))
    silent[0].sendall(b"\x00\x00\x01\x00half")
    assert lab.call(path, "print(verbs.who_runs(1, [])[0])") == "0"
    for each in silent:
        each.close()
    lab.wait_until(lambda: _descriptors(helper) == before)


def test_a_helper_that_is_killed_is_waited_for(directory: Path) -> None:
    """Its programs die with it; the call it had fails, as one that may be tried again; the next finds its successor."""
    own = directory / "killed"
    own.mkdir()
    number = own / "number"
    with lab.helper(own) as (process, path, log):
        caller = lab.start_call(path, f"verbs.wait_beside({str(number)!r}, '/nowhere/then')")
        lab.wait_until(number.exists)
        process.kill()
        process.wait()
        assert "Unavailable: The privileged helper went away in the middle of" in caller.communicate()[1]
        lab.wait_until(lambda: not Path("/proc", number.read_text().strip()).exists())
        log.write_bytes(b"")
        with lab.start_call(path, "print(verbs.who_runs(3, []))") as call:
            successor = lab.start_helper(path, log)
            assert call.communicate()[0].strip() == str([0, successor.pid, 3])
        successor.send_signal(signal.SIGTERM)
        assert successor.wait(20) == 0


def test_two_helpers_do_not_share_a_socket(served: tuple[Path, Path, int]) -> None:
    """A second one leaves the first one's socket alone."""
    second = subprocess.run(
        lab.helper_command(served[0]), cwd=lab.ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert "listens at" in second.stderr
    assert lab.call(served[0], "print(verbs.who_runs(1, [])[1])") == str(served[2])


def test_no_helper_no_hope(tmp_path: Path) -> None:
    """Without a helper the error says what to start."""
    code = "try:\n    verbs.who_runs(1, [])\nexcept Exception as error:\n    print(type(error).__name__, error)"
    said = lab.call(Path("/nowhere/privileged.sock"), code)
    assert said.startswith("Unavailable")
    assert "systemctl start lapilli-privileged" in said


def test_a_link_in_place_of_the_socket_gains_nothing(directory: Path) -> None:
    """Who owns the directory may put anything there; no file of root's changes hands."""
    own = directory / "trap"
    own.mkdir()
    victim = directory / "victim"
    victim.write_text("root's")
    victim.chmod(0o600)
    (own / "privileged.sock").symlink_to(victim)
    with lab.helper(own) as (_, path, _log):
        assert lab.call(path, "print(verbs.who_runs(1, [])[0])") == "0"
    about = victim.stat()
    assert (about.st_uid, about.st_mode & 0o777, victim.read_text()) == (0, 0o600, "root's")


def _raw(path: Path, message: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(message)
        return wire.receive(connection, wire.LARGEST_ANSWER)


def _descriptors(number: int) -> int:
    return len(list(Path("/proc", str(number), "fd").iterdir()))


def _children(number: int) -> list[str]:
    found = (path.read_text().split() for path in Path("/proc", str(number), "task").glob("*/children"))
    return [each for several in found for each in several]


def test_what_travels_is_json() -> None:
    """The wire carries what was given, and an error that has no class of its own there as its nearest."""
    assert msgspec.json.decode(wire.request("a.b", {"c": [1, None, {"d": "é"}]})) == {
        "verb": "a.b",
        "arguments": {"c": [1, None, {"d": "é"}]},
    }
    assert wire.result(wire.done({"c": [1, None]})) == {"c": [1, None]}
