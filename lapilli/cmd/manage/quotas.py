"""`lapilli manage quota`: look whether what quotas count is what is there."""

from functools import partial

import click
from sqlalchemy import Connection, exists, select

from lapilli.cmd.manage.site import Site
from lapilli.db import quotas
from lapilli.db.schema import holds, snapshots, volumes

_NOTHING_DRIFTS = "Usage is counted from the rows themselves, so there is no copy that could drift."


@click.group("quota")
def quota() -> None:
    """Check what quotas count."""


@quota.command("check")
@click.option("--project-id", help="This project alone.")
@click.pass_obj
def check(site: Site, project_id: str | None) -> None:
    """Show what projects use, and look whether each volume is charged its size; exit 1 if one is not."""
    wrong = _report(site, project_id)
    if wrong:
        click.echo(f"These volumes are not charged their size: {', '.join(wrong)}. Run: lapilli manage quota sync")
        raise SystemExit(1)
    click.echo(_NOTHING_DRIFTS)


@quota.command("sync")
@click.option("--project-id", help="This project alone.")
@click.pass_obj
def sync(site: Site, project_id: str | None) -> None:
    """Charge each volume its size, where that is not so."""
    wrong = _report(site, project_id)
    for volume in wrong:
        site.db.write(partial(_charge, id=volume))
        click.echo(f"Volume {volume} is charged its size now.")
    if not wrong:
        click.echo(f"There is nothing to do. {_NOTHING_DRIFTS}")


def _report(site: Site, project_id: str | None) -> list[str]:
    """Print the projects' usage; the volumes that are not charged their size, though nobody extends them."""
    idle = ~exists().where(holds.c.resource == volumes.c.id)
    uncharged = select(volumes.c.id).where(volumes.c.charged_gib != volumes.c.size_gib, idle)
    if project_id is not None:
        uncharged = uncharged.where(volumes.c.project_id == project_id)
    with site.db.read() as tx:
        for project in [project_id] if project_id else _projects(tx):
            used = quotas.usage(tx, project)
            click.echo(f"{project}: " + ", ".join(f"{name} {number}" for name, number in sorted(used.items())))
        return list(tx.execute(uncharged).scalars())


def _projects(tx: Connection) -> list[str]:
    of_all = select(volumes.c.project_id).union(select(snapshots.c.project_id))
    return sorted(tx.execute(of_all).scalars())


def _charge(tx: Connection, id: str) -> None:
    idle = ~exists().where(holds.c.resource == volumes.c.id)
    tx.execute(volumes.update().where(volumes.c.id == id, idle).values(charged_gib=volumes.c.size_gib))
