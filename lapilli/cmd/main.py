"""The command line. Commands are loaded when they are called, so that each starts with what it needs."""

import importlib
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from lapilli.model.errors import LapilliError

_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "up": ("lapilli.cmd.up", "Run all services in one process."),
    "init": ("lapilli.cmd.init", "Prepare a directory, or a volume group, for `lapilli up`."),
    "demo": ("lapilli.cmd.demo.command", "Show the whole service at work, on this machine, in a minute or two."),
    "api": ("lapilli.cmd.api", "Run the API."),
    "scheduler": ("lapilli.cmd.scheduler", "Run a scheduler."),
    "volume": ("lapilli.cmd.volume", "Serve backends."),
    "privileged": ("lapilli.cmd.privileged", "Do as root what the services of this machine may not."),
    "backup": ("lapilli.cmd.backup", "Make and restore backups of the volumes of this machine."),
    "manage": ("lapilli.cmd.manage.command", "Look after the database, services and operations."),
    "doctor": ("lapilli.cmd.doctor", "Find what is wrong, and say what to do."),
    "config": ("lapilli.cmd.config", "Check and show a configuration."),
    "policy": ("lapilli.cmd.policy", "Write, check and explain who may do what."),
    "attach": ("lapilli.cmd.attach", "Attach a volume to this machine."),
    "detach": ("lapilli.cmd.detach", "Detach a volume from this machine."),
}


class _Commands(click.Group):
    """The commands by name, each from its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in _COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def lapilli() -> None:
    """Block storage that speaks the OpenStack Block Storage API v3."""


def main(argv: list[str] | None = None) -> Any:
    """Run a command; what it cannot do is one sentence on standard error, and exit status 1."""
    try:
        return lapilli(argv)
    except LapilliError as error:
        click.echo(f"lapilli: {error}", err=True)
        sys.exit(1)
