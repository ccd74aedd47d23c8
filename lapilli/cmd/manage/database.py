"""`lapilli manage db`: the tables, and how long the past is kept."""

from dataclasses import replace

import click

from lapilli.cmd.manage.site import Site
from lapilli.db import migrate, services
from lapilli.model.errors import Malformed
from lapilli.work.prune import PruneSettings, prune


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
    prune(site.db, replace(site.settings.bind(PruneSettings), keep_history_days=age_in_days))
    click.echo(f"What ended more than {age_in_days} days ago is forgotten.")


@db.command("online_data_migrations")
@click.option("--max_count", "--max-count", type=click.IntRange(min=1), help="Accepted, and without effect.")
def online_data_migrations(max_count: int | None) -> None:
    """Nothing: `db sync` migrates data too."""
    del max_count
    click.echo("There is nothing to migrate: `db sync` does it all.")


@db.command("reset_active_backend")
@click.option("--backend-host", "--backend_host", required=True, help="The volume service, as host@backend.")
@click.option("--active-backend-id", "--active_backend_id", help="The replication target that is active now.")
@click.option("--enable-replication", "--enable_replication", is_flag=True, help="Say that it replicates again.")
@click.pass_obj
def reset_active_backend(
    site: Site, backend_host: str, active_backend_id: str | None, *, enable_replication: bool
) -> None:
    """Say, after a fail-over that people have put right, which backend is active; without an id, the first one."""
    status = "enabled" if enable_replication else "disabled"
    values = {"active_backend_id": active_backend_id, "replication_status": status, "frozen": False}
    site.db.write(lambda tx: services.change(tx, "cinder-volume", backend_host, **values))
    click.echo(f"{backend_host}: {active_backend_id or 'the first backend'} is active, replication is {status}.")
