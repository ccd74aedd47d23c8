"""`lapilli manage service|host|cluster|cg|backup`: who is there, as Cinder's tools print it."""

from datetime import UTC, datetime
from typing import Any, Final

import click

from lapilli.cmd.manage.site import Site
from lapilli.cmd.tables import table
from lapilli.db import backups, clusters, groups, services

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
    """Look after clusters."""


@cluster.command("list")
@click.pass_obj
def list_clusters(site: Site) -> None:
    """Show the clusters."""
    header = ("Name", "Binary", "Status", "State", "Heartbeat", "Hosts", "Down Hosts", "Updated At")
    with site.db.read() as tx:
        rows = clusters.list_all(tx, site.service_down_time_s)
    click.echo("\n".join(table(header, [_cluster_line(row) for row in rows])))


def _cluster_line(row: Any) -> tuple[str, ...]:
    state = ":-)" if row.num_hosts > row.num_down_hosts else "XXX"
    seen = datetime.fromtimestamp(row.heartbeat_s, UTC).strftime("%Y-%m-%d %H:%M:%S") if row.heartbeat_s else ""
    status = "disabled" if row.disabled else "enabled"
    counts = (str(row.num_hosts), str(int(row.num_down_hosts)))
    return (row.name, row.binary, status, state, seen, *counts, row.updated_at or "")


@cluster.command("remove")
@click.option("--recursive", is_flag=True, help="Remove the cluster's services too.")
@click.argument("binary")
@click.argument("name", metavar="CLUSTER-NAME")
@click.pass_obj
def remove_cluster(site: Site, *, recursive: bool, binary: str, name: str) -> None:
    """Forget a cluster that is no more."""
    gone = site.db.write(lambda tx: clusters.remove(tx, name, binary, recursive=recursive))
    click.echo(f"Cluster {name} of {binary} removed" + (f", with {gone} services." if gone else "."))


@cluster.command("rename")
@click.option("--full-rename", "--full_rename", is_flag=True, help="Replace the whole name, not only its beginning.")
@click.argument("current")
@click.argument("new")
@click.pass_obj
def rename_cluster(site: Site, *, full_rename: bool, current: str, new: str) -> None:
    """Call the clusters that begin with CURRENT, which may name a backend, something else."""
    count = site.db.write(lambda tx: clusters.rename(tx, current, new, is_whole=full_rename))
    click.echo(f"Renamed in {count} rows. Write cluster = {new} into the services' configuration before they start.")


@click.group("cg")
def consistency_group() -> None:
    """Look after groups, which once were consistency groups."""


@consistency_group.command("update_cg_host")
@click.option("--currenthost", required=True)
@click.option("--newhost", required=True)
@click.pass_obj
def update_group_host(site: Site, currenthost: str, newhost: str) -> None:
    """Say that the groups of a host are served under another name now."""
    count = site.db.write(lambda tx: groups.change_host(tx, currenthost, newhost))
    click.echo(f"{count} groups of {currenthost} are of {newhost} now.")


@click.group("backup")
def backup() -> None:
    """Look after backups."""


@backup.command("list")
@click.pass_obj
def list_backups(site: Site) -> None:
    """Show the backups of all projects."""
    header = ("ID", "User ID", "Project ID", "Host", "Name", "Container", "Status", "Size", "Object Count")
    columns = ("id", "user_id", "project_id", "host", "name", "container", "status", "size_gib", "object_count")
    with site.db.read() as tx:
        rows = backups.list_all(tx)
    click.echo("\n".join(table(header, [[getattr(row, column) for column in columns] for row in rows])))


@backup.command("update_backup_host")
@click.option("--currenthost", required=True)
@click.option("--newhost", required=True)
@click.pass_obj
def update_backup_host(site: Site, currenthost: str, newhost: str) -> None:
    """Say that backups are served by another host now, which has the same store."""
    number = site.db.write(lambda tx: backups.change_host(tx, currenthost, newhost))
    click.echo(f"{number or 'no'} backup{'' if number == 1 else 's'} of {currenthost}: {newhost} has them now.")
