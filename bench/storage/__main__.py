"""`python -m bench.storage [NAME…]`, in a guest with a kernel of its own."""

import pwd
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click

from bench.storage.bare import Bare
from bench.storage.kinds import groups
from bench.storage.rounds import Book, Way, at_once, large, one_by_one
from bench.storage.service import started
from bench.storage.table import heading

_QUESTIONS: Final = ("operations", "parallel", "large")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(_QUESTIONS), metavar="[NAME]...")
@click.option("--rounds", default=3, show_default=True, help="How often each figure is taken.")
@click.option("--each", default=5, show_default=True, help="How many volumes a round makes.")
def bench(names: tuple[str, ...], rounds: int, each: int) -> None:
    """Measure what operations on LVM and LIO cost, beside the bare commands.

    A NAME is operations, parallel (50 creates) or large (20 GiB are deleted); without any, all are measured. Figures
    are the least of the rounds, for one operation: CPU of all processes of that way, their programs included, and
    wall time. x is how many times the bare commands' that is.
    """
    if "User Mode Linux" not in Path("/proc/cpuinfo").read_text():
        raise click.UsageError("This makes volume groups and targets: `make bench-storage` runs it in a guest.")
    with ExitStack() as stack:
        stack.enter_context(groups())
        ways: list[Way] = [
            Bare(),
            stack.enter_context(started("root", "Lapilli, root", 8776)),
            stack.enter_context(started("user", "ordinary user + helper", 8786, pwd.getpwnam("nobody"))),
        ]
        click.echo("\n".join(heading([way.label for way in ways])))
        rests: dict[str, Callable[[Book], None]] = {
            "operations": lambda book: one_by_one(ways, book, each),
            "parallel": lambda book: at_once(ways, book),
            "large": lambda book: large(ways, book),
        }
        _warm_up(ways)
        for name in names or _QUESTIONS:
            _ask(rests[name], rounds)


def _warm_up(ways: Sequence[Way]) -> None:
    """The first of everything costs more: modules are loaded, connections made."""
    one_by_one(ways, Book(), 1)


def _ask(question: Callable[[Book], None], rounds: int) -> None:
    book = Book()
    for _ in range(rounds):
        question(book)
    for row in book.rows():
        click.echo(row)


if __name__ == "__main__":
    bench()
