"""Programs are run to their end, and never outlive their time, their caller or an interruption."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from lapilli.machine.run import run
from lapilli.model.errors import CommandFailed


def test_output_and_input() -> None:
    """What the program prints comes back, and what it is given arrives."""
    assert run(["cat"], stdin="one\ntwo\n") == "one\ntwo\n"
    assert run(["echo", "a b", "$HOME", ";"]) == "a b $HOME ;\n"


def test_large_output_on_both_channels() -> None:
    """Neither channel can fill up and block the program."""
    program = "import sys; sys.stderr.write('e' * 2**20); sys.stdout.write('o' * 2**20)"
    assert len(run([sys.executable, "-c", program])) == 2**20


def test_output_that_is_no_text() -> None:
    """Bytes that are not UTF-8 are replaced, not raised."""
    assert run(["printf", r"\377ok"]).endswith("ok")


def test_messages_are_in_english(tmp_path: Path) -> None:
    """The program runs in the C locale, whatever the caller's."""
    with pytest.raises(CommandFailed, match="No such file or directory"):
        run(["ls", str(tmp_path / "missing")])


@pytest.mark.parametrize("brief", [False, True])
def test_a_bad_exit_is_told(brief: bool) -> None:
    """Exit code, program and standard error are in the error."""
    with pytest.raises(CommandFailed) as caught:
        run(["sh", "-c", "echo so; echo why >&2; exit 3"], brief=brief)
    assert caught.value.exit_code == 3
    assert caught.value.stderr == "why\n"
    assert caught.value.argv[0] == "sh"
    assert "ended with 3: why" in str(caught.value)


def test_death_by_a_signal_is_told() -> None:
    """The exit code of a program that was killed is the signal, negative."""
    with pytest.raises(CommandFailed) as caught:
        run(["sh", "-c", "kill -SEGV $$"])
    assert caught.value.exit_code == -signal.SIGSEGV


@pytest.mark.parametrize("brief", [False, True])
def test_a_missing_program_is_told(brief: bool) -> None:
    """A program that is not installed is a failed command, named in the message."""
    with pytest.raises(CommandFailed, match="lapilli-no-such-program"):
        run(["lapilli-no-such-program"], brief=brief)


def test_time_out_kills_the_whole_group(tmp_path: Path) -> None:
    """A program that is not done in time is killed together with what it started."""
    numbers = tmp_path / "numbers"
    script = f"sleep 300 & echo $! >> {numbers}; echo $$ >> {numbers}; wait"
    begin = time.monotonic()
    with pytest.raises(CommandFailed, match=r"not done after 0\.7 s") as caught:
        run(["sh", "-c", script], timeout_s=0.7)
    assert time.monotonic() - begin < 5
    assert caught.value.exit_code is None
    for number in numbers.read_text().split():
        assert _is_gone(int(number))


def test_time_out_does_not_wait_for_a_daemon(tmp_path: Path) -> None:
    """A daemon that left the group and holds the pipes open does not hold up the caller."""
    number = tmp_path / "number"
    begin = time.monotonic()
    with pytest.raises(CommandFailed, match=r"not done after 0\.7 s"):
        run(["setsid", "sh", "-c", f"echo $$ > {number}; exec sleep 300"], timeout_s=0.7)
    assert time.monotonic() - begin < 5
    os.kill(int(number.read_text()), signal.SIGKILL)


def test_the_program_dies_with_its_caller(tmp_path: Path) -> None:
    """When the calling process is killed, so is the program."""
    number = tmp_path / "number"
    caller = os.fork()
    if caller == 0:
        try:
            run(["sh", "-c", f"echo $$ > {number}.new; mv {number}.new {number}; exec sleep 300"])
        finally:
            os._exit(1)
    _wait_for(number)
    os.kill(caller, signal.SIGKILL)
    os.waitpid(caller, 0)
    assert _is_gone(int(number.read_text()))


def test_an_interruption_kills_the_program(tmp_path: Path) -> None:
    """An exception that reaches the waiting caller leaves no program behind."""
    number = tmp_path / "number"

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def interrupt_once_it_runs() -> None:
        _wait_for(number)
        os.kill(os.getpid(), signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, interrupt)
    interrupter = threading.Thread(target=interrupt_once_it_runs)
    interrupter.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(["sh", "-c", f"echo $$ > {number}.new; mv {number}.new {number}; exec sleep 300"])
    finally:
        interrupter.join()
        signal.signal(signal.SIGALRM, before)
    assert _is_gone(int(number.read_text()))


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.005)


def _is_gone(number: int) -> bool:
    """Whether the process ends within seconds; a zombie, which only waits to be counted, has ended."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.005)
    return False
