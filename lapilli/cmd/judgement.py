"""How the commands that check a file tell what they found."""

from collections.abc import Sequence
from pathlib import Path

import click


def tell(file: Path, mistakes: Sequence[str], notices: Sequence[str]) -> None:
    """Print both, and their number; exit 1 if there is a mistake."""
    for mistake in mistakes:
        click.echo(f"error: {mistake}")
    for notice in notices:
        click.echo(f"notice: {notice}")
    click.echo(f"{file}: {_counted(len(mistakes), 'mistake')}, {_counted(len(notices), 'notice')}.")
    if mistakes:
        raise SystemExit(1)


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
