"""`lapilli scheduler`: a process that places volumes. Any number of them may run."""

from pathlib import Path

import click

from lapilli.cmd.arguments import config_option
from lapilli.cmd.duties import housekeeping
from lapilli.cmd.process import open_process, read_settings, tell_notices
from lapilli.cmd.service import Service
from lapilli.db.engine import Database
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk
from lapilli.scheduler.registry import load_filters, load_weighers
from lapilli.scheduler.weighers import SchedulerSettings
from lapilli.settings.core import CoreSettings, PlacementSettings
from lapilli.settings.settings import Settings


def desk(settings: Settings, db: Database) -> SchedulerDesk:
    """The rules of the settings."""
    ranking = settings.bind(SchedulerSettings)
    return SchedulerDesk(
        db,
        load_filters(ranking.scheduler_default_filters),
        load_weighers(ranking.scheduler_default_weighers, ranking),
        service_down_time_s=settings.bind(CoreSettings).service_down_time,
        attempts=settings.bind(PlacementSettings).scheduler_max_attempts,
    )


@click.command("scheduler")
@config_option
def scheduler(config_path: Path | None) -> None:
    """Run a scheduler, until Ctrl-C."""
    settings = read_settings(config_path)
    process = open_process(settings, "scheduler")
    desks = {SCHEDULER_QUEUE: desk(settings, process.db)}
    duties = housekeeping(settings, process.db)
    settings.check()
    tell_notices(settings)
    binaries = ("cinder-scheduler",)
    Service(process.db, process.wake, process.core, binaries=binaries, desks=desks, duties=duties).run()
    process.close()
