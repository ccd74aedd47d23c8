"""The workers of a process: claim what is due, run its steps, write what happened."""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlalchemy import Connection

from lapilli.db.engine import Database
from lapilli.model.errors import LapilliError, Unavailable
from lapilli.model.protocols import Wake
from lapilli.work import queue
from lapilli.work.operation import Cancelled, Done, Goto, Job, Lost, Operation, Retry, Step, awaited_topic

_log = logging.getLogger(__name__)

_POLL_S = 2.0
"""How long a lost wake-up can cost."""


class Runner:
    """Serves queues with a pool of threads. `desks` maps each queue to the tools that its effects are lent."""

    def __init__(
        self,
        db: Database,
        wake: Wake,
        operations: Mapping[str, Operation],
        desks: Mapping[str, Any],
        *,
        worker: str,
        threads: int = 8,
    ) -> None:
        self._db = db
        self._wake = wake
        self._operations = operations
        self._desks = desks
        self._worker = worker
        self._threads = threads
        self._room = f"room:{worker}"  # rings when a thread has become free
        self._in_hand: dict[str, Job] = {}
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._loops = [
            threading.Thread(target=loop, name=name, daemon=True)
            for loop, name in ((self._dispatch, "dispatch"), (self._beat, "leases"))
        ]

    def start(self) -> None:
        """Begin to claim."""
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """Claim nothing more, let the running steps end, and return."""
        self._stopping.set()
        self._wake.ring(self._room)
        for loop in self._loops:
            loop.join()
        self._pool.shutdown(wait=True)

    def run_due(self) -> int:
        """Claim and finish, in this thread, what is due now; returns how many operations were advanced."""
        jobs = self._db.write(lambda tx: queue.claim(tx, list(self._desks), self._worker, self._threads))
        for job in jobs:
            self._in_hand[job.id] = job
            self._work(job)
        return len(jobs)

    def _dispatch(self) -> None:
        queues = list(self._desks)
        with self._wake.listen(*queues, self._room) as listener:
            while not self._stopping.is_set():
                try:
                    delay_s = 0.0 if self._claim(queues) else self._idle_s(queues)
                except Unavailable as error:
                    _log.warning("cannot look for work: %s", error)
                    delay_s = _POLL_S
                if delay_s:
                    listener.wait(delay_s)

    def _idle_s(self, queues: list[str]) -> float:
        """How long there is nothing to do, if nobody rings."""
        if len(self._in_hand) >= self._threads:
            return _POLL_S
        with self._db.read() as tx:
            due_s = queue.next_due_s(tx, queues)
        return _POLL_S if due_s is None else min(due_s, _POLL_S)

    def _claim(self, queues: list[str]) -> bool:
        free = self._threads - len(self._in_hand)
        if free <= 0:
            return False
        jobs = self._db.write(lambda tx: queue.claim(tx, queues, self._worker, free))
        for job in jobs:
            self._in_hand[job.id] = job
            self._pool.submit(self._work, job)
        return bool(jobs)

    def _beat(self) -> None:
        while not self._stopping.wait(queue.LEASE_S / 3):
            jobs = list(self._in_hand.values())
            if not jobs:
                continue
            try:
                self._db.write(partial(queue.keep, jobs=jobs))
            except Unavailable as error:
                _log.warning("cannot extend %d leases: %s", len(jobs), error)

    def _work(self, job: Job) -> None:
        """Advance the job until it is finished, put off, lost, or another queue's."""
        try:
            while self._advance(job):
                pass
        except Unavailable as error:
            _log.warning("operation %s waits for its lease to end: %s", job.id, error)
        except Exception:  # noqa: BLE001 - the thread serves others after this one
            _log.exception("operation %s waits for its lease to end", job.id)
        finally:
            del self._in_hand[job.id]
            self._wake.ring(self._room)

    def _advance(self, job: Job) -> bool:
        """Run one step. True if the next one is ours and due."""
        operation = self._operations[job.kind]
        step = operation.step(job.step)
        is_failing = step is operation.fail
        try:
            if not is_failing:
                job.check()
            result = step.effect(job, self._desks[job.queue])
            following = self._db.write(partial(_record, operation=operation, step=step, job=job, result=result))
        except Lost:
            _log.info("operation %s is another worker's now", job.id)
            return False
        except Retry as retry:
            self._put_off(job, str(retry), retry.delay_s, job.failures)
            return False
        except Exception as error:  # noqa: BLE001 - a step may raise anything, and nothing may be lost for it
            return self._fault(operation, step, job, error)
        return self._follow(operation, job, following)

    def _follow(self, operation: Operation, job: Job, following: Goto | Done) -> bool:
        if isinstance(following, Done):
            if operation.is_awaited:
                self._wake.ring(awaited_topic(job.id))
            return False
        came_from = job.queue
        job.stand_at(following)
        if job.queue == came_from:
            return True
        self._wake.ring(job.queue)
        return False

    def _fault(self, operation: Operation, step: Step, job: Job, error: Exception) -> bool:
        """A fault that may pass is met with patience; any other, or the last of many, by the failure path."""
        is_known = isinstance(error, LapilliError)
        if not is_known:
            _log.error("operation %s (%s): step %s broke", job.id, job.kind, step.name, exc_info=error)
        why = str(error) if is_known else f"{type(error).__name__}: {error}"
        may_pass = isinstance(error, Unavailable) or not is_known
        failures = job.failures + 1
        if step is operation.fail or (may_pass and failures <= step.patience):
            self._put_off(job, why, min(0.5 * 2**failures, 60.0), failures)
            return False
        if isinstance(error, Cancelled):
            why = "cancelled"
        down = Goto(operation.fail.name, error=why)
        self._db.write(partial(_fail, job=job, down=down))
        job.stand_at(down)
        return True

    def _put_off(self, job: Job, why: str, delay_s: float, failures: int) -> None:
        _log.info("operation %s (%s) is tried again in %.1f s: %s", job.id, job.kind, delay_s, why)
        self._db.write(partial(queue.put_off, job=job, why=why, delay_s=delay_s, failures=failures))


def _record(tx: Connection, operation: Operation, step: Step, job: Job, result: Any) -> Goto | Done:
    """The record of a step and the checkpoint, in one transaction that begins with the fence."""
    queue.hold_on(tx, job)
    following = step.record(tx, job, result)
    if following is None:
        after = operation.after(step.name)
        following = Goto(after.name) if after else Done()
    if isinstance(following, Done):
        queue.finish(tx, job, following)
        return following
    queue.move_on(tx, job, following)
    return following


def _fail(tx: Connection, job: Job, down: Goto) -> None:
    queue.hold_on(tx, job)
    queue.move_on(tx, job, down)
