"""`lapilli config`: judge a configuration, and show what counts."""

from pathlib import Path

import click

from lapilli.cmd import edge
from lapilli.cmd.arguments import PATH, config_option
from lapilli.cmd.consumers import bind_all, problems
from lapilli.cmd.process import read_settings
from lapilli.model.errors import LapilliError
from lapilli.settings.dump import dump
from lapilli.settings.settings import Settings


@click.group("config")
def config() -> None:
    """Check and show a configuration. Neither needs a database."""


@config.command("check")
@click.argument("file", type=PATH)
def check(file: Path) -> None:
    """Tell every mistake of FILE with its line; exit 1 if there is one.

    Notices are told too: what works but should be changed, and what nobody reads.
    """
    settings = read_settings(file)
    mistakes = problems(settings)
    try:
        edge.policy(settings, file)
    except LapilliError as error:
        mistakes.append(str(error))
    for mistake in mistakes:
        click.echo(f"error: {mistake}")
    notices = sorted({*settings.notices, *settings.unknown()})
    for notice in notices:
        click.echo(f"notice: {notice}")
    click.echo(f"{file}: {_counted(len(mistakes), 'mistake')}, {_counted(len(notices), 'notice')}.")
    if mistakes:
        raise SystemExit(1)


@config.command("list")
@config_option
@click.argument("param", required=False)
def list_(config_path: Path | None, param: str | None) -> None:
    """Show every setting, or those named PARAM, as they count, with their origin and without secrets."""
    show(read_settings(config_path), param)


def show(settings: Settings, param: str | None) -> None:
    """Print the settings, one per line."""
    bind_all(settings)
    for line in dump(each for each in settings.effective() if param in {None, each.name}):
        click.echo(line)


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
