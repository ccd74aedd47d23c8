"""`lapilli manage`: what an administrator does beside the API, in the database. `cinder-manage` is the same."""

from importlib.metadata import version
from pathlib import Path

import click

from lapilli.cmd.arguments import PATH, config_option
from lapilli.cmd.config import show
from lapilli.cmd.manage.database import db
from lapilli.cmd.manage.decisions import explain
from lapilli.cmd.manage.operations import operations
from lapilli.cmd.manage.quotas import quota
from lapilli.cmd.manage.services import backup, cluster, consistency_group, host, service
from lapilli.cmd.manage.site import Site
from lapilli.cmd.manage.volumes import volume

_VERSION = version("lapilli")


@click.group("manage")
@config_option
@click.option("--data", type=PATH, help="The data directory of a `lapilli up` that has no configuration.")
@click.version_option(_VERSION, message="%(version)s")
@click.pass_context
def manage(context: click.Context, config_path: Path | None, data: Path | None) -> None:
    """Look after the database, services and operations. The API need not run.

    Without --config and --data: /etc/cinder/cinder.conf if it exists, or else the data of `lapilli up`.
    """
    site = Site(config_path, data)
    context.obj = site
    context.call_on_close(site.close)


@manage.group("config")
def config() -> None:
    """Show the configuration."""


@config.command("list")
@click.argument("param", required=False)
@click.pass_obj
def list_settings(site: Site, param: str | None) -> None:
    """Show every setting, or those named PARAM, without secrets."""
    show(site.settings, param)


@manage.group("version")
def version_group() -> None:
    """Tell the version."""


@version_group.command("list")
def list_version() -> None:
    """Show the version of this release."""
    click.echo(_VERSION)


@manage.group("util")
def util() -> None:
    """What Cinder needs beside all this."""


@util.command("clean_locks")
@click.option("--services-offline", is_flag=True, help="Accepted, and without effect.")
def clean_locks(*, services_offline: bool) -> None:
    """Nothing: a lock here ends with the process that holds it."""
    del services_offline
    click.echo("There is nothing to clean: a lock ends with the process that holds it.")


for _command in (backup, cluster, consistency_group, db, explain, host, operations, quota, service, volume):
    manage.add_command(_command)
