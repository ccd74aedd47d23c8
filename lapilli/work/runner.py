"""The workers of a process: claim what is due, run its steps, write what happened."""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from lapilli.db.engine import Database
from lapilli.model.errors import LapilliError, Unavailable
from lapilli.model.protocols.work import Wake
from lapilli.work import queue
from lapilli.work.operation import CANCELLED, Cancelled, Done, Goto, Job, Lost, Operation, Retry, Step, awaited_topic

_log = logging.getLogger(__name__)

_UNKNOWN_S = 60.0
"""When to look again at an operation that this release does not know: a newer one may serve the queue by then."""


class Runner:
    """Serves queues with a pool of threads. `desks` maps each queue to the tools that its effects are lent.

    `poll_s` is how long a lost wake-up can cost, `lease_s` how long the work of a process that died lies idle.
    """

    def __init__(
        self,
        db: Database,
        wake: Wake,
        operations: Mapping[str, Operation],
        desks: Mapping[str, Any],
        *,
        worker: str,
        threads: int = 8,
        poll_s: float = 2.0,
        lease_s: float = queue.LEASE_S,
    ) -> None:
        self._db = db
        self._wake = wake
        self._operations = operations
        self._slow = {operation.kind for operation in operations.values() if operation.is_slow}
        self._desks = desks
        self._worker = worker
        self._threads = threads
        self._poll_s = poll_s
        self._lease_s = lease_s
        self._room = f"room:{worker}"  # rings when a thread has become free
        # Not by id: an operation put off for no time at all is claimed anew before its last attempt has been cleared.
        self._in_hand: set[Job] = set()
        self._stopping = threading.Event()
        self._drained = threading.Event()
        # Slow operations take no thread from the others. Threads are made when they are needed.
        self._pool = ThreadPoolExecutor(threads + len(desks), thread_name_prefix="work")
        self._dispatching = threading.Thread(target=self._dispatch, name="dispatch", daemon=True)
        self._beating = threading.Thread(target=self._beat, name="leases", daemon=True)

    def start(self) -> None:
        """Begin to claim."""
        self._dispatching.start()
        self._beating.start()

    def stop(self) -> None:
        """Claim nothing more, let the running steps end (the long ones at their next check), and return."""
        self._stopping.set()
        self._wake.ring(self._room)
        self._dispatching.join()
        for job in list(self._in_hand):
            job.is_stopping = True
        self._pool.shutdown(wait=True)
        self._drained.set()
        self._beating.join()

    def run_due(self) -> int:
        """Claim and finish, in this thread, what is due now; returns how many operations were advanced."""
        jobs = self._take(list(self._desks), self._threads)
        for job in jobs:
            self._work(job)
        return len(jobs)

    def _dispatch(self) -> None:
        queues = list(self._desks)
        with self._wake.listen(*queues, self._room) as listener:
            while not self._stopping.is_set():
                try:
                    # Asked first: a claim that finds nothing is a transaction for nothing.
                    delay_s = self._idle_s(queues)
                    if not delay_s:
                        self._claim(queues)
                except Unavailable as error:
                    _log.warning("cannot look for work: %s", error)
                    delay_s = self._poll_s
                except Exception:  # noqa: BLE001 - without this thread the process would sit idle for ever
                    _log.exception("cannot look for work")
                    delay_s = self._poll_s
                if delay_s:
                    listener.wait(delay_s)

    def _idle_s(self, queues: list[str]) -> float:
        """How long there is nothing to do, if nobody rings."""
        if not self._room_left():
            return self._poll_s
        with self._db.read() as tx:
            due_s = queue.next_due_s(tx, queues, slow=self._slow, engaged=self._engaged())
        return self._poll_s if due_s is None else min(due_s, self._poll_s)

    def _claim(self, queues: list[str]) -> None:
        for job in self._take(queues, self._room_left()):
            self._pool.submit(self._work, job)

    def _take(self, queues: list[str], limit: int) -> list[Job]:
        lanes = {"slow": self._slow, "engaged": self._engaged()}
        jobs = self._db.write(lambda tx: queue.claim(tx, queues, self._worker, limit, self._lease_s, **lanes))
        self._in_hand.update(jobs)
        return jobs

    def _room_left(self) -> int:
        return self._threads - sum(job.kind not in self._slow for job in list(self._in_hand))

    def _engaged(self) -> set[str]:
        """The queues of which a slow operation is in hand."""
        return {job.queue for job in list(self._in_hand) if job.kind in self._slow}

    def _beat(self) -> None:
        while not self._drained.wait(self._lease_s / 3):
            jobs = list(self._in_hand)
            if not jobs:
                continue
            try:
                self._db.write(partial(queue.keep, jobs=jobs))
            except Unavailable as error:
                _log.warning("cannot extend %d leases: %s", len(jobs), error)
            except Exception:  # noqa: BLE001 - as above
                _log.exception("cannot extend %d leases", len(jobs))

    def _work(self, job: Job) -> None:
        """Advance the job until it is finished, put off, lost, or another queue's."""
        try:
            while self._advance(job):
                if self._stopping.is_set():
                    self._db.write(partial(queue.lay_down, job=job))
                    return
        except Lost as lost:
            _log.info("operation %s is left as it stands: %s", job.id, lost)
        except Unavailable as error:
            _log.warning("operation %s waits for its lease to end: %s", job.id, error)
        except Exception:  # noqa: BLE001 - the thread serves others after this one
            _log.exception("operation %s waits for its lease to end", job.id)
        finally:
            was_full = not self._room_left()
            self._in_hand.remove(job)
            if was_full or job.kind in self._slow:
                self._wake.ring(self._room)

    def _advance(self, job: Job) -> bool:
        """Run one step. True if the next one is ours and due."""
        operation = self._operations.get(job.kind)
        step = operation.find_step(job.step) if operation else None
        if operation is None or step is None:
            self._put_off(job, f"this release does not know {job.kind}, step {job.step}", _UNKNOWN_S, job.failures)
            return False
        try:
            if step is not operation.fail:
                job.check()
            result = step.effect(job, self._desks[job.queue])
            following = self._commit(operation, step, job, result)
        except Lost:
            raise
        except Retry as retry:
            self._put_off(job, str(retry), retry.delay_s, job.failures)
            return False
        except Exception as error:  # noqa: BLE001 - a step may raise anything, and nothing may be lost for it
            return self._fault(operation, step, job, error)
        return self._follow(operation, job, following)

    def _commit(self, operation: Operation, step: Step, job: Job, result: Any) -> Goto | Done:
        try:
            return self._db.write(partial(_record, operation=operation, step=step, job=job, result=result))
        except Unavailable as error:
            # It may have been committed all the same. Only the row tells where the operation stands.
            raise Lost(str(error)) from error

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
            self._put_off(job, why, min(0.5 * 2 ** min(failures, 7), 60.0), failures)
            return False
        if isinstance(error, Cancelled):
            why = CANCELLED
        else:
            about = job.kind, job.subject, step.name, job.request_id
            _log.warning("operation %s (%s of %s) has failed at %s, request %s: %s", job.id, *about, why)
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
        if following.outcome == "failed" and job.error == CANCELLED:
            following = replace(following, outcome=CANCELLED)
        queue.finish(tx, job, following)
        return following
    queue.move_on(tx, job, following)
    return following


def _fail(tx: Connection, job: Job, down: Goto) -> None:
    queue.hold_on(tx, job)
    queue.move_on(tx, job, down)
