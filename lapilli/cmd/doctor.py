"""`lapilli doctor`: find what is wrong with an installation, say what to do, and do of it what is safe."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import click

from lapilli.cmd import backends
from lapilli.cmd.arguments import DEFAULT_CONFIG, PATH, split_listen
from lapilli.cmd.backends import Backend
from lapilli.cmd.manage.site import Site
from lapilli.cmd.process import read_settings
from lapilli.cmd.site_files import config_of, default_data
from lapilli.cmd.up import beneath_of, overrides_of
from lapilli.db import placed, services
from lapilli.machine.privileged.mark import use_helper
from lapilli.model.errors import LapilliError
from lapilli.operations import (
    compare_attachments,
    compare_services,
    compare_targets,
    compare_volumes,
    repair_targets,
)
from lapilli.operations.desks import VolumeDesk
from lapilli.operations.findings import Finding
from lapilli.settings.core import CoreSettings
from lapilli.settings.settings import Settings
from lapilli.work import queue

_REPAIRED_WITHIN_S: Final = 60.0


@click.command("doctor")
@click.option("--config", "--config-file", "config_path", type=PATH, help="A cinder.conf.")
@click.option("--data", type=PATH, help="The data directory of a `lapilli up` that has no configuration.")
@click.option("--listen", default="127.0.0.1:8776", show_default=True, help="Where that `lapilli up` listens.")
@click.option("--fix", is_flag=True, help="Do what is safe: make missing targets again, remove those nobody uses.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
def doctor(config_path: Path | None, data: Path | None, listen: str, *, fix: bool, as_json: bool) -> None:
    """Look at the services, and at storage and targets of this machine's backends; exit 1 if there is a problem.

    Nothing is changed without --fix, and no data with it. What it finds is looked up with --config and --data as in
    `lapilli manage`; the API need not run.
    """
    site = Site(config_path, data)
    try:
        settings = _settings(site, config_path, data, listen)
        enabled = backends.build(settings, site.db)
        core = settings.bind(CoreSettings)
        settings.check()
        use_helper(Path(core.privileged_helper_socket))
        found = _examine(site, enabled)
        done = list(_fix(site, enabled, found)) if fix else []
        if done:
            found = _examine(site, enabled)
    finally:
        site.close()
    _tell_json(found, done) if as_json else _tell(found, done, enabled)
    sys.exit(1 if any(each.is_problem for each in found) else 0)


def _settings(site: Site, config_path: Path | None, data: Path | None, listen: str) -> Settings:
    """What the services of this machine are configured with."""
    if data is None and (config_path or DEFAULT_CONFIG.exists()):
        return site.settings
    data = (data or default_data()).absolute()
    beside = config_of(data)
    config_path = config_path or (beside if beside.exists() else None)
    host, port = split_listen(listen)
    overrides, beneath = overrides_of(host, port, data), beneath_of(port)
    settings = read_settings(config_path, overrides, beneath)
    if settings.enabled_backends:
        return settings
    # `up` has chosen when it started: those that it has served.
    with site.db.read() as tx:
        hosts = [row.host for row in services.list_all(tx, "cinder-volume")]
    served = sorted({host.partition("@")[2] for host in hosts})
    return read_settings(config_path, overrides, {**beneath, "enabled_backends": ",".join(served)})


def _examine(site: Site, enabled: Sequence[Backend]) -> list[Finding]:
    with site.db.read() as tx:
        found = compare_services.findings(tx, site.service_down_time_s)
        shared = [{name.partition("#")[0] for name in names} for names in placed.shared_accounts(tx).values()]
    for backend in enabled:
        service = backend.desk.service
        shares = frozenset().union(*(each for each in shared if service in each))
        found += _of_backend(backend.desk, shares)
    return found


def _of_backend(desk: VolumeDesk, shares: frozenset[str]) -> Iterator[Finding]:
    """What the storage and the target are not, in this order; one that cannot be used is not looked at further."""
    parts: Sequence[tuple[str, Callable[[], None], Sequence[Callable[[], Iterable[Finding]]]]] = (
        ("storage", desk.driver.check, (lambda: compare_volumes.findings(desk, shares),)),
        (
            "target",
            desk.target.check,
            (lambda: compare_targets.findings(desk), lambda: compare_attachments.findings(desk)),
        ),
    )
    for what, check, looks in parts:
        try:
            check()
            for look in looks:
                yield from look()
        except LapilliError as error:
            yield Finding(f"unusable-{what}", desk.service, str(error), "Do as the message says, on this machine.")


def _fix(site: Site, enabled: Sequence[Backend], found: Sequence[Finding]) -> Iterator[str]:
    """Let the services that have something to repair do it, as they alone know what they are just doing."""
    wanting = {each.where for each in found if each.can_fix}
    for backend in enabled:
        desk = backend.desk
        if desk.service not in wanting:
            continue
        with site.db.read() as tx:
            row = services.find(tx, "cinder-volume", desk.service)
        if row is None or row.age_s > site.service_down_time_s:
            yield f"Nothing is repaired on {desk.service}: its service has to run for that. Start it."
            continue
        operation = site.db.write(partial(repair_targets.admit, service=desk.service))
        site.ring(backend.queue)
        yield from _result_of(site, desk.service, operation)


def _result_of(site: Site, service: str, operation: str) -> Sequence[str]:
    deadline = time.monotonic() + _REPAIRED_WITHIN_S
    while time.monotonic() < deadline:
        with site.db.read() as tx:
            row = queue.find_finished(tx, operation)
        if row is not None:
            return list(row.result) if row.outcome == "done" else [f"{service} could not repair: {row.error}"]
        time.sleep(0.2)
    return [f"{service} has not answered yet: lapilli manage operations show {operation}"]


def _tell(found: Sequence[Finding], done: Sequence[str], enabled: Sequence[Backend]) -> None:
    for sentence in done:
        click.echo(f"done     {sentence}")
    for each in sorted(found, key=lambda finding: not finding.is_problem):
        click.echo(f"{'problem' if each.is_problem else 'notice':<8} {each.where}: {each.what}  [{each.kind}]")
        click.echo(f"         {each.remedy}")
    looked_at = ", ".join(backend.desk.service for backend in enabled) or "none"
    number = sum(each.is_problem for each in found)
    click.echo(f"{number or 'No'} problem{'s' * (number != 1)}. Backends of this machine: {looked_at}.")


def _tell_json(found: Sequence[Finding], done: Sequence[str]) -> None:
    click.echo(json.dumps({"findings": [asdict(each) for each in found], "done": list(done)}, indent=2))
