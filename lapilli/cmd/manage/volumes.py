"""`lapilli manage volume`: delete one, and tell the database of a backend that has another name."""

from typing import Final

import click
from sqlalchemy import Column, ColumnElement, Connection, func, select, update

from lapilli.cmd.manage.site import Site
from lapilli.db import pools, schema, volumes
from lapilli.db.schema import operations, services
from lapilli.db.schema import volumes as table
from lapilli.model.errors import Conflict, Malformed, NotFound
from lapilli.model.values import Caller, Location
from lapilli.operations import delete_volume
from lapilli.operations.desks import volume_queue

_BOUNDLESS_GIB: Final = 10**15


@click.group("volume")
def volume() -> None:
    """Look after volumes."""


@volume.command("delete")
@click.argument("volume_id")
@click.pass_obj
def delete(site: Site, volume_id: str) -> None:
    """Delete a volume, as the API would. Its backend does it when it runs."""
    operator = Caller("admin", "admin", frozenset({"admin"}), is_admin=True)

    def admit(tx: Connection) -> str | None:
        host = volumes.get(tx, volume_id, None).host
        delete_volume.admit(tx, operator, volume_id)
        return None if host is None else volume_queue(Location.parse(host).service)

    queue = site.db.write(admit)
    if queue:
        site.ring(queue)
        click.echo(f"Volume {volume_id} will be deleted by its backend.")
    else:
        click.echo(f"Volume {volume_id} is deleted.")


@volume.command("update_host")
@click.option("--currenthost", required=True, help="host@backend or host@backend#pool.")
@click.option("--newhost", required=True, help="The new name, with as many parts.")
@click.pass_obj
def update_host(site: Site, currenthost: str, newhost: str) -> None:
    """Say that volumes are served under another name now. Nothing is moved on the storage.

    The backend must have run under its new name, so that its pools are known.
    """
    if ("#" in currenthost) != ("#" in newhost):
        raise Malformed("Give a pool for both hosts, or for neither.")
    count = site.db.write(lambda tx: _rename(tx, currenthost, newhost))
    click.echo(f"{count} volumes are at {newhost} now.")


def _rename(tx: Connection, old: str, new: str) -> int:
    queue = volume_queue(Location.parse(old).service)
    live = select(func.count()).where(operations.c.queue == queue, operations.c.outcome.is_(None))
    if waiting := tx.execute(live).scalar():
        raise Conflict(f"{waiting} operations wait for {old}; let it run until they have ended.")
    mine = _is_at(table.c.host, old)
    moving = select(func.count()).where(table.c.destination.is_not(None), mine | _is_at(table.c.destination, old))
    if number := tx.execute(moving).scalar():
        raise Conflict(f"{number} volumes move to or from {old}; wait until they have arrived.")
    found = tx.execute(select(table.c.host).where(mine)).scalars().all()
    for name in set(found):
        target = new + name.removeprefix(old)
        _move_account(tx, name, target)
        tx.execute(update(table).where(table.c.host == name).values(host=target))
    return len(found)


def _is_at(column: Column[str], name: str) -> ColumnElement[bool]:
    return column == name if "#" in name else column.startswith(f"{name}#", autoescape=True)


def _move_account(tx: Connection, old: str, new: str) -> None:
    if pools.find_account(tx, new) is None:
        raise NotFound("Pool", f"{new}, whose backend must have run once,")
    moved = tx.execute(select(schema.pools).where(schema.pools.c.name == old)).one()
    pools.give_back(tx, old, moved.allocated_gib, volumes=moved.volume_count)
    pools.take(tx, new, moved.allocated_gib, volumes=moved.volume_count, limit_gib=_BOUNDLESS_GIB)


@volume.command("update_service")
@click.pass_obj
def update_service(site: Site) -> None:
    """Write each volume's service anew, after its host."""

    def write(tx: Connection) -> int:
        count = 0
        for row in tx.execute(select(services.c.host, services.c.uuid).where(services.c.binary == "cinder-volume")):
            mine = table.c.host.startswith(f"{row.host}#", autoescape=True)
            count += tx.execute(update(table).where(mine).values(service_uuid=row.uuid)).rowcount
        return count

    click.echo(f"{site.db.write(write)} volumes name their service.")
