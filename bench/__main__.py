"""`python -m bench [NAME…]`."""

from collections.abc import Callable, Iterator
from typing import Final

import click

from bench import (
    attach_volume,
    commands,
    create_volume,
    get_volume,
    list_volumes,
    other_lists,
    placement,
    start_up,
    tokens,
)
from bench.deployments import AllInOne, Deployment, Separate
from bench.figures import Figure, heading
from bench.meter import calibrate
from tests.servers import MariaDb, PostgreSql

_QUESTIONS: Final[dict[str, Callable[[Deployment, int], Iterator[Figure]]]] = {
    "get": get_volume.measure,
    "list": list_volumes.measure,
    "list-many": list_volumes.measure_many,
    "list-other": other_lists.measure,
    "create": create_volume.measure,
    "attach": attach_volume.measure,
    "start": start_up.measure,
    "start-many": start_up.measure_many,
    "memory": start_up.measure_memory,
}
# These need no service.
_ALONE: Final = {"commands": commands.measure, "placement": placement.measure, "tokens": tokens.measure}
_MODES: Final[dict[str, Callable[[], AllInOne | Separate]]] = {
    "up": AllInOne,
    "postgresql": lambda: Separate("PostgreSQL", PostgreSql),
    "mariadb": lambda: Separate("MariaDB", MariaDb),
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*_QUESTIONS, *_ALONE]), metavar="[NAME]...")
@click.option("--rounds", default=5, show_default=True, help="How often each figure is taken.")
@click.option("--mode", "modes", multiple=True, type=click.Choice(list(_MODES)), help="How the service is run; all.")
def bench(names: tuple[str, ...], rounds: int, modes: tuple[str, ...]) -> None:
    """Measure what operations cost, beside Cinder 29.

    A NAME is get, list, list-many, list-other, create, attach, start, start-many, memory, commands, placement or
    tokens; without any, all are measured. A figure is the least, the median and the most of its rounds, in CPU of all
    processes of the service (user and system). The calibration is the CPU of a fixed piece of Python: where it
    differs, so does the machine.
    """
    for name, alone in _ALONE.items():
        if not names or name in names:
            click.echo(f"\n{name}\n{heading()}")
            _show(alone(rounds))
    questions = {name: ask for name, ask in _QUESTIONS.items() if not names or name in names}
    for mode in (modes or _MODES) if questions else ():
        with _MODES[mode]() as way:
            click.echo(f"\n{way.label}\n{heading()}")
            for ask in questions.values():
                with way.deployment() as place:
                    _show(ask(place, rounds))


def _show(figures: Iterator[Figure]) -> None:
    before = calibrate()
    for figure in figures:
        click.echo(figure)
    click.echo(f"{'':4}calibration {before:.2f} ms before, {calibrate():.2f} ms after")


if __name__ == "__main__":
    bench()
