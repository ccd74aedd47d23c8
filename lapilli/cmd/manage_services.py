"""`lapilli manage service|host|cluster|cg|backup`: who is there, as Cinder's tools print it."""

from datetime import UTC, datetime
from typing import Any, Final

import click

from lapilli.cmd.manage_site import Site
from lapilli.cmd.tables import table
from lapilli.db import services
from lapilli.model.errors import NotFound

# Scripts read these columns.
_SERVICE: Final = "{:<16} {:<36} {:<16} {:<10} {:<5} {}"
_HOST: Final = "{:<25}\t{:<15}"


@click.group("service")
def service() -> None:
    """Look after services."""


@service.command("list")
@click.option("--long", "is_long", is_flag=True, help="Tell also the UUID, and what is wrong.")
@click.pass_obj
def list_services(site: Site, *, is_long: bool) -> None:
    """Show the services, and whether they live: :-) or XXX."""
    with site.db.read() as tx:
        rows = services.list_all(tx)
    header = _SERVICE.format("Binary", "Host", "Zone", "Status", "State", "Updated At")
    click.echo(f"{header:<114} {'UUID':<36} Remarks" if is_long else header)
    for row in rows:
        line = _service_line(row, site.service_down_time_s)
        click.echo(f"{line:<114} {row.uuid} {_remarks(row)}".rstrip() if is_long else line)


def _service_line(row: Any, down_time_s: int) -> str:
    status = "disabled" if row.disabled else "enabled"
    state = ":-)" if row.age_s <= down_time_s else "XXX"
    seen = datetime.fromtimestamp(row.heartbeat_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return _SERVICE.format(row.binary, row.host, row.availability_zone, status, state, seen)


def _remarks(row: Any) -> str:
    remarks = (row.trouble, row.disabled_reason and f"disabled: {row.disabled_reason}", row.frozen and "frozen")
    return "; ".join(remark for remark in remarks if remark)


@service.command("remove")
@click.argument("binary")
@click.argument("host_name", metavar="HOST")
@click.pass_obj
def remove_service(site: Site, binary: str, host_name: str) -> None:
    """Forget a service that is no more. One that lives registers anew."""
    site.db.write(lambda tx: services.remove(tx, binary, host_name))
    click.echo(f"Service {binary} on host {host_name} removed.")


@click.group("host")
def host() -> None:
    """Look at hosts."""


@host.command("list")
@click.argument("zone", required=False)
@click.pass_obj
def list_hosts(site: Site, zone: str | None) -> None:
    """Show the hosts of all services, or those in ZONE."""
    with site.db.read() as tx:
        rows = services.list_all(tx)
    click.echo(_HOST.format("host", "zone").rstrip())
    for name, where in dict.fromkeys((row.host, row.availability_zone) for row in rows):
        if zone in {None, where}:
            click.echo(_HOST.format(name, where).rstrip())


@click.group("cluster")
def cluster() -> None:
    """Look at clusters: this release has none."""


@cluster.command("list")
def list_clusters() -> None:
    """Show the clusters."""
    header = ("Name", "Binary", "Status", "State", "Heartbeat", "Hosts", "Down Hosts", "Updated At")
    click.echo("\n".join(table(header, ())))


@cluster.command("remove")
@click.option("--recursive", is_flag=True, help="Remove the cluster's services too.")
@click.argument("binary")
@click.argument("name", metavar="CLUSTER-NAME")
def remove_cluster(*, recursive: bool, binary: str, name: str) -> None:
    """Forget a cluster that is no more."""
    del recursive
    raise NotFound("Cluster", f"{name} of {binary}")


@cluster.command("rename")
@click.option("--full-rename", "--full_rename", is_flag=True, help="Replace the whole name, not only its beginning.")
@click.argument("current")
@click.argument("new")
def rename_cluster(*, full_rename: bool, current: str, new: str) -> None:
    """Call a cluster something else."""
    del full_rename, new
    raise NotFound("Cluster", current)


@click.group("cg")
def consistency_group() -> None:
    """Look after consistency groups: this release has none."""


@consistency_group.command("update_cg_host")
@click.option("--currenthost", required=True)
@click.option("--newhost", required=True)
def update_group_host(currenthost: str, newhost: str) -> None:
    """Say that groups are served under another name now."""
    click.echo(f"There is no consistency group on {currenthost}, and so none is on {newhost} now.")


@click.group("backup")
def backup() -> None:
    """Look at backups: this release makes none."""


@backup.command("list")
def list_backups() -> None:
    """Show the backups."""
    header = ("ID", "User ID", "Project ID", "Host", "Name", "Container", "Status", "Size", "Object Count")
    click.echo("\n".join(table(header, ())))


@backup.command("update_backup_host")
@click.option("--currenthost", required=True)
@click.option("--newhost", required=True)
def update_backup_host(currenthost: str, newhost: str) -> None:
    """Say that backups are served under another name now."""
    click.echo(f"There is no backup of {currenthost}, and so none is of {newhost} now.")
