"""Functions that a helper does in the tests: none needs root, so each tells who ran it."""

import os
from pathlib import Path

from lapilli.machine.privileged.mark import privileged
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed, Malformed, NotFound, Taken


@privileged
def who_runs(
    number: int, words: list[str], password: str = "", facts: dict[str, str | None] | None = None
) -> list[int]:
    del words, password, facts
    return [os.geteuid(), os.getpid(), number]


@privileged
def fail(how: str) -> None:
    errors = {
        "malformed": Malformed("This is wrong."),
        "taken": Taken("This is taken."),
        "backend": BackendFailed("The storage is broken."),
        "missing": NotFound("Volume", "v1"),
        "command": CommandFailed(["lvs", "storage"], 5, "no group\n"),
    }
    if how in errors:
        raise errors[how]
    raise ValueError(how)


@privileged
def wait_beside(number_file: str, then_file: str) -> str:
    """A program that writes its process number and stays; and, if it was killed, a second program."""
    try:
        return run(["sh", "-c", f"echo $$ > {number_file}.new; mv {number_file}.new {number_file}; exec sleep 300"])
    except CommandFailed:
        return run(["touch", then_file])


@privileged
def meet(directory: str, name: str, others: int) -> int:
    """How many have come, once all are there: returns only if so many run at once."""
    Path(directory, name).touch()
    waited = run(
        ["sh", "-c", f'until [ "$(ls {directory} | wc -l)" -ge {others} ]; do sleep 0.02; done; ls {directory} | wc -l']
    )
    return int(waited)


@privileged
def large(size_bytes: int) -> str:
    return "x" * size_bytes


def not_marked() -> int:
    return os.geteuid()
