"""A helper as a process of root's, and callers as other users."""

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[4]
NOBODY = pwd.getpwnam("nobody")
STRANGER_ID = 64321
VERBS = "tests.unit.machine.privileged.verbs"


@contextmanager
def helper(directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, Path]]:
    """A helper that serves `nobody`: its process, its socket, its log."""
    os.chown(directory, NOBODY.pw_uid, NOBODY.pw_gid)
    path, log = directory / "privileged.sock", directory / "helper.log"
    process = start_helper(path, log)
    try:
        yield process, path, log
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def start_helper(path: Path, log: Path) -> subprocess.Popen[bytes]:
    """A helper that answers."""
    with log.open("ab") as output:
        process = subprocess.Popen(helper_command(path), cwd=ROOT, stderr=output)
    wait_until(lambda: path.exists() and process.poll() is None and b"ready" in log.read_bytes())
    return process


def helper_command(path: Path) -> Sequence[str]:
    return [sys.executable, "-m", "tests.unit.machine.privileged.lab", str(path)]


def call(path: Path, code: str, *, user_id: int = NOBODY.pw_uid) -> str:
    """What a process of the user prints that does `code` with `verbs`, the functions of this helper."""
    with start_call(path, code, user_id=user_id) as caller:
        out, err = caller.communicate()
    assert caller.returncode == 0, err
    return out.strip()


def start_call(path: Path, code: str, *, user_id: int = NOBODY.pw_uid) -> subprocess.Popen[str]:
    """The same, without waiting."""
    # It becomes the user after its imports: the user may not be able to read what root's Python lies in.
    begin = (
        f"import os, concurrent.futures.thread, lapilli.machine.privileged.mark as privileged, {VERBS} as verbs\n"
        "from pathlib import Path\n"
        f"os.setgroups([]); os.setgid({user_id}); os.setuid({user_id})\n"
        f"privileged.use_helper(Path({str(path)!r}))\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", begin + code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def _serve(path: Path) -> None:
    import importlib
    import logging

    from lapilli.machine.privileged.helper import Helper, listen
    from lapilli.machine.privileged.mark import verbs_of

    logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(message)s")
    importlib.import_module(VERBS)
    listener = listen(path, NOBODY)
    helper = Helper(listener, NOBODY.pw_uid, verbs_of([VERBS]))
    signal.signal(signal.SIGTERM, lambda *_: helper.stop())
    logging.getLogger(__name__).info("ready")
    helper.serve()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
