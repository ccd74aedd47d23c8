"""One holder at a time; the lock ends with the block or with the process."""

import os
import signal
from pathlib import Path

import pytest

from lapilli.machine.lock import exclusive
from lapilli.model.errors import BackendFailed, Unavailable


def test_the_second_is_refused_and_told_the_holder(tmp_path: Path) -> None:
    """The message names the process to stop, also within one process."""
    path = tmp_path / "backend.lock"
    with exclusive(path), pytest.raises(Unavailable, match=f"held by process {os.getpid()}:"), exclusive(path):
        pass
    with exclusive(path):
        assert path.read_text() == f"{os.getpid()}\n"
    assert path.read_text() == ""


def test_an_error_in_the_block_ends_the_lock(tmp_path: Path) -> None:
    """Whatever the block raises, the next one gets in."""
    path = tmp_path / "backend.lock"
    with pytest.raises(ValueError, match="no"), exclusive(path):
        raise ValueError("no")
    with exclusive(path):
        pass


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    """While another process holds the lock it is named; once it is killed, its left number means nothing."""
    path = tmp_path / "backend.lock"
    reader, writer = os.pipe()
    holder = os.fork()
    if holder == 0:
        try:
            with exclusive(path):
                os.write(writer, b"held")
                signal.pause()
        finally:
            os._exit(1)
    os.close(writer)
    assert os.read(reader, 4) == b"held"
    with pytest.raises(Unavailable, match=f"held by process {holder}:"), exclusive(path):
        pass
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    with exclusive(path):
        assert path.read_text() == f"{os.getpid()}\n"
    os.close(reader)


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    """The directory of the lock file has to be there."""
    with (
        pytest.raises(BackendFailed, match=r"none/backend\.lock: No such file"),
        exclusive(tmp_path / "none/backend.lock"),
    ):
        pass
