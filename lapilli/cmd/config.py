"""`lapilli config`: judge a configuration, and show what counts."""

from pathlib import Path

import click

from lapilli.cmd import edge
from lapilli.cmd.arguments import PATH, config_option
from lapilli.cmd.consumers import bind_all, problems
from lapilli.cmd.judgement import tell
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
    notices = [str(notice) for notice in sorted({*settings.notices, *settings.unknown()})]
    try:
        notices += edge.policy(settings, file).notices
    except LapilliError as error:
        mistakes.append(str(error))
    tell(file, mistakes, notices)


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
