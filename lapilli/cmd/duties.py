"""The duties that belong to no backend: forget the past, tell other services, and ask whether all is as it must be."""

import logging
from functools import partial
from typing import Final

from lapilli.cmd import notify
from lapilli.db import invariants
from lapilli.db.engine import Database
from lapilli.settings.settings import Settings
from lapilli.work.duties import Duty
from lapilli.work.prune import PruneSettings, prune_duty

_log = logging.getLogger(__name__)

_CHECK_EVERY_S: Final = 300.0


def housekeeping(settings: Settings, db: Database) -> list[Duty]:
    """For every process that schedules: one is enough, and more do no harm."""
    check = Duty("check invariants", _CHECK_EVERY_S, partial(_check, db))
    return [prune_duty(db, settings.bind(PruneSettings)), check, *notify.duties(settings, db)]


def _check(db: Database) -> None:
    """Report what must not be; nothing is repaired unasked."""
    with db.read() as tx:
        for violation in invariants.check(tx):
            _log.error("%s", violation)
