"""What a thread runs ends when its leash is pulled, and nothing is started after that."""

import threading
import time
from pathlib import Path

import pytest

from lapilli.machine.leash import Leash
from lapilli.machine.run import run
from lapilli.model.errors import CommandFailed


def test_pulling_ends_the_program(tmp_path: Path) -> None:
    """The program is killed, its thread goes on with the error, and may start no other."""
    leash, errors = Leash(), []

    def work() -> None:
        with leash.worn():
            for command in (["sh", "-c", f"touch {tmp_path}/one; exec sleep 300"], ["touch", f"{tmp_path}/two"]):
                with pytest.raises(CommandFailed) as caught:
                    run(command)
                errors.append(caught.value)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 30
    while not (tmp_path / "one").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    leash.pull()
    thread.join(30)
    assert [error.exit_code for error in errors] == [-9, None]
    assert "who asked for it has gone" in errors[1].stderr
    assert not (tmp_path / "two").exists()


def test_others_go_on() -> None:
    """A leash is its thread's alone, and only while it is worn."""
    leash = Leash()
    leash.pull()
    with leash.worn(), pytest.raises(CommandFailed):
        run(["true"])
    assert run(["echo", "on"]) == "on\n"


def test_pulling_twice_or_with_nothing_is_fine() -> None:
    """It may be pulled at any time."""
    leash = Leash()
    with leash.worn():
        run(["true"])
    leash.pull()
    leash.pull()
