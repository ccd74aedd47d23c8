"""A process's services: who it says it is, the queues it serves, and its duties, each from a thread of its own."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from lapilli.cmd.backends import Backend
from lapilli.cmd.process import catch_signals, wait_for_signal
from lapilli.db import clusters, services
from lapilli.db.engine import Database
from lapilli.db.rows import AnyRow
from lapilli.machine.lock import exclusive
from lapilli.model.protocols.work import Wake
from lapilli.operations import log_levels
from lapilli.operations.registry import OPERATIONS
from lapilli.settings.core import CoreSettings
from lapilli.work import queue
from lapilli.work.duties import Duties, Duty
from lapilli.work.runner import Runner

Sign = tuple[str, str, str, str | None]
"""Binary, host, zone and trouble of a service, as a heartbeat writes them."""


class Service:
    """What runs in one process beside the API: the queues it serves, and who it says it is.

    `desks` are queues that any process may share, unless this one `is_alone` on its database; each backend's queue is
    served by one process alone, which holds the backend's lock file under `state_path`. `trouble` says why the
    `binaries` cannot work now, if they cannot.
    """

    def __init__(
        self,
        db: Database,
        wake: Wake,
        core: CoreSettings,
        *,
        binaries: Sequence[str],
        desks: Mapping[str, Any],
        backends: Sequence[Backend] = (),
        duties: Sequence[Duty] = (),
        trouble: Callable[[], str | None] = lambda: None,
        is_alone: bool = False,
    ) -> None:
        self._db = db
        self._core = core
        self._binaries = binaries
        self._trouble = trouble
        self._backends = backends
        self._held = ExitStack()
        all_desks = {**desks, **{backend.queue: backend.desk for backend in backends}}
        self._own = list(all_desks) if is_alone else [backend.queue for backend in backends]
        worker = f"{core.host}:{os.getpid()}"
        self._runner = Runner(db, wake, OPERATIONS, all_desks, worker=worker) if all_desks else None
        heartbeat = Duty("heartbeat", core.report_interval, self._beat)
        self._duties = Duties(wake, [heartbeat, *self._of_backends(), *duties])

    def _of_backends(self) -> list[Duty]:
        """What each backend needs again and again. Its health is looked at as often as it is told."""
        often_s, seldom_s = self._core.report_interval, self._core.backend_stats_polling_interval
        return [
            duty
            for backend in self._backends
            for duty in (
                Duty(f"look after {backend.desk.service}", often_s, backend.look_after),
                Duty(f"report {backend.desk.service}", seldom_s, backend.report),
                Duty(f"compare {backend.desk.service}", seldom_s, backend.compare),
            )
        ]

    def start(self) -> None:
        """Take the locks, bring the backends up, and begin to work. Raises `Unavailable` when a lock is held."""
        locks = Path(self._core.state_path) / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        for backend in self._backends:
            self._held.enter_context(exclusive(locks / f"{backend.desk.service}.lock"))
        # Nobody else serves these queues: what the last process had in hand need not wait for its lease to end.
        self._db.write(lambda tx: queue.release(tx, self._own))
        self._db.write(self._forget_wanted_log_levels)
        for backend in self._backends:
            backend.look_after()
            backend.report()
        self._beat()
        if self._runner:
            self._runner.start()
        self._duties.start()

    def stop(self) -> None:
        """Let the running steps end, and give the locks back."""
        if self._runner:
            self._runner.stop()
        self._duties.stop()
        self._held.close()

    def run(self) -> None:
        """Work until somebody asks this process to end."""
        asked = catch_signals()
        self.start()
        wait_for_signal(asked)
        self.stop()

    def _signs(self) -> list[Sign]:
        core = self._core
        plain: list[Sign] = [
            (binary, core.host, core.storage_availability_zone, self._trouble()) for binary in self._binaries
        ]
        return plain + [
            ("cinder-volume", backend.desk.service, backend.zone, backend.trouble) for backend in self._backends
        ]

    def _write_signs(self, tx: Connection) -> Sequence[AnyRow]:
        """Returns what is wanted of the services' logs."""
        signs = self._signs()
        for binary, host, zone, trouble in signs:
            cluster = self._cluster_of(binary, host)
            if cluster:
                clusters.register(tx, cluster, binary)
            services.beat(tx, binary, host, zone, trouble, cluster)
        return services.log_levels(tx, [(binary, host) for binary, host, *_ in signs])

    def _cluster_of(self, binary: str, host: str) -> str | None:
        """The cluster of the service, with its backend's name as the host has it."""
        if not self._core.cluster or binary == "cinder-backup":
            return None
        return self._core.cluster + host[len(host.partition("@")[0]) :]

    def _forget_wanted_log_levels(self, tx: Connection) -> None:
        """Levels are set for as long as a process lives."""
        for binary, host, *_ in self._signs():
            services.want_log_levels(tx, binary, host, {})

    def _beat(self) -> None:
        self._follow_log_levels(self._db.write(self._write_signs))

    def _follow_log_levels(self, rows: Sequence[AnyRow]) -> None:
        """Log as an administrator wants it, and say from which level each logger logs when that has changed."""
        for row in rows:
            if row.wanted_log_levels:
                log_levels.apply(row.wanted_log_levels)
        levels = log_levels.of_process()
        for row in (row for row in rows if row.log_levels != levels):
            self._db.write(partial(services.tell_log_levels, binary=row.binary, host=row.host, levels=levels))
