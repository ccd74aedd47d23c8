"""`lapilli manage operations`: what is being done, what waits and why; hurry it, or give it up."""

from typing import Any

import click

from lapilli.cmd.manage.site import Site
from lapilli.cmd.tables import table
from lapilli.db import pools
from lapilli.work import administration


@click.group("operations")
def operations() -> None:
    """Look after operations."""


@operations.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also those that have finished.")
@click.option("--subject", help="Only those of this volume, snapshot or attachment.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@click.pass_obj
def list_(site: Site, subject: str | None, limit: int, *, is_all: bool) -> None:
    """Show the operations that live, the newest first."""
    with site.db.read() as tx:
        rows = administration.list_newest(tx, is_live=None if is_all else True, subject=subject, limit=limit)
        waiting = pools.waiting(tx)
    header = ("ID", "Kind", "Subject", "Queue", "Step", "State", "Progress", "Failures", "Error")
    cells = (
        (
            *(each.id, each.kind, each.subject, each.queue, each.step),
            *(_state(each), each.progress, each.failures, _first_line(each.error)),
        )
        for each in rows
    )
    click.echo("\n".join(table(header, cells)))
    for each in waiting:
        click.echo(f"{each.pool} gets {each.size_gib} GiB back when what was deleted is wiped; {each.pieces} to go.")


@operations.command("show")
@click.argument("id")
@click.pass_obj
def show(site: Site, id: str) -> None:
    """Show everything about an operation."""
    with site.db.read() as tx:
        row, held = administration.show(tx, id)
    for name, value in row._mapping.items():  # noqa: SLF001 - SQLAlchemy's public name
        if name not in {"due_at", "due_in_s"}:
            click.echo(f"{name:<17} {'' if value is None else value}".rstrip())
    click.echo(f"{'state':<17} {_state(row)}")
    click.echo(f"{'holds':<17} {' '.join(held)}".rstrip())


@operations.command("retry")
@click.argument("id")
@click.pass_obj
def retry(site: Site, id: str) -> None:
    """Let a waiting operation run now."""
    site.ring(site.db.write(lambda tx: administration.retry(tx, id)))
    click.echo(f"Operation {id} is due now.")


@operations.command("cancel")
@click.argument("id")
@click.pass_obj
def cancel(site: Site, id: str) -> None:
    """Ask an operation to give up. What it did is undone, as after a fault."""
    site.ring(site.db.write(lambda tx: administration.cancel(tx, id)))
    click.echo(f"Operation {id} is asked to give up.")


def _state(row: Any) -> str:
    if row.outcome is not None:
        return str(row.outcome)
    if row.worker is not None:
        return f"with {row.worker}"
    return f"due in {row.due_in_s:.0f} s" if row.due_in_s > 0 else "due"


def _first_line(text: str | None) -> str:
    return text.splitlines()[0] if text else ""
