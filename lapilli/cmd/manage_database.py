"""`lapilli manage db`: the tables, and how long the past is kept."""

import click

from lapilli.cmd.manage_site import Site
from lapilli.db import migrate
from lapilli.model.errors import Malformed
from lapilli.work.prune import prune


@click.group("db")
def db() -> None:
    """Look after the database."""


@db.command("sync")
@click.argument("version", required=False)
@click.option("--bump-versions", "--bump_versions", is_flag=True, help="Accepted, and without effect.")
@click.pass_obj
def sync(site: Site, version: str | None, *, bump_versions: bool) -> None:
    """Bring the tables to this release's. VERSION can only be that one."""
    del bump_versions
    if version not in {None, "heads", migrate.head()}:
        raise Malformed(f"This release brings a database to {migrate.head()} alone, not to {version}.")
    migrate.upgrade(site.url)
    click.echo(f"The database is at {migrate.head()}.")


@db.command("version")
@click.pass_obj
def version(site: Site) -> None:
    """Show the revision of the tables."""
    click.echo(migrate.current(site.url) or "none: run `lapilli manage db sync`")


@db.command("purge")
@click.argument("age_in_days", type=click.IntRange(min=1))
@click.pass_obj
def purge(site: Site, age_in_days: int) -> None:
    """Delete finished operations, decisions and history that are older than AGE_IN_DAYS.

    Rows of deleted volumes need no purge: they go with the volume.
    """
    prune(site.db, age_in_days)
    click.echo(f"What ended more than {age_in_days} days ago is forgotten.")


@db.command("online_data_migrations")
@click.option("--max_count", "--max-count", type=click.IntRange(min=1), help="Accepted, and without effect.")
def online_data_migrations(max_count: int | None) -> None:
    """Nothing: `db sync` migrates data too."""
    del max_count
    click.echo("There is nothing to migrate: `db sync` does it all.")
