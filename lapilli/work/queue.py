"""The rows of operations: submit, claim, keep, and write what became of them.

Every write that a worker makes says `AND attempt = :mine`. A worker that lost its lease therefore finds no row and
leaves; nothing it does afterwards can reach the database.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Double, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from lapilli.db.clock import now_s, now_text
from lapilli.db.prepared import write
from lapilli.db.rows import AnyRow, first
from lapilli.db.schema import holds, operations, sources
from lapilli.model.errors import Conflict
from lapilli.work.operation import Done, Goto, Job, Lost, Operation

LEASE_S = 15.0
"""How long a claim lasts without a heartbeat, in seconds of the database's clock."""

# Databases do not look up a time that passes while they read; that it is set keeps them off what has finished.
_IS_DUE: Final = operations.c.due_at.is_not(None) & (operations.c.due_at <= now_s())
_IN_QUEUES: Final = operations.c.queue.in_(bindparam("queues", expanding=True))
# A finished operation has no due time, so a worker that came back from the dead cannot finish it twice.
_MINE: Final = (
    (operations.c.id == bindparam("mine"))
    & (operations.c.attempt == bindparam("my_attempt"))
    & operations.c.due_at.is_not(None)
)
_LEASE_END: Final = now_s() + bindparam("lease_s", type_=Double)

_SUBMITTING: Final = insert(operations).values(due_at=now_s(), created_at=now_text())
_HOLDING: Final = insert(holds)
_READING: Final = insert(sources)
# Of slow operations one at a time is worked on for each queue: the others wait, whatever their time.
_IS_OPEN: Final = ~(
    operations.c.kind.in_(bindparam("slow", expanding=True))
    & operations.c.queue.in_(bindparam("engaged", expanding=True))
)
_DUE: Final = (
    select(operations)
    .where(_IN_QUEUES, _IS_DUE, _IS_OPEN)
    .order_by(operations.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# The condition is said again: where the database cannot lock the rows of a select, this is what decides.
_CLAIMING: Final = update(operations).where(_MINE, _IS_DUE).values(due_at=_LEASE_END, updated_at=now_text())
_FENCING: Final = update(operations).where(_MINE).values(due_at=_LEASE_END)
# One that was just put off, laid down or handed on is in its thread's hands for a moment more: its time stays.
_EXTENDING: Final = _FENCING.where(operations.c.worker.is_not(None))
_WRITING: Final = update(operations).where(_MINE).values(updated_at=now_text())
_LETTING_GO: Final = delete(holds).where(holds.c.operation == bindparam("mine"))
_HAVING_READ: Final = delete(sources).where(sources.c.operation == bindparam("mine"))
_SOONEST: Final = (
    select(operations.c.due_at - now_s())
    .where(_IN_QUEUES, operations.c.due_at.is_not(None), _IS_OPEN)
    .order_by(operations.c.due_at)
    .limit(1)
)
_READERS: Final = select(operations.c.kind).join(sources).where(sources.c.resource == bindparam("resource"))
_IS_HELD: Final = select(exists().where(holds.c.resource == bindparam("resource")))
_FINISHED: Final = select(operations.c.outcome, operations.c.result, operations.c.error).where(
    operations.c.id == bindparam("of"), operations.c.outcome.is_not(None)
)


def submit(
    tx: Connection,
    operation: Operation,
    subject: str,
    queue: str,
    *,
    args: Mapping[str, Any] | None = None,
    source: str | None = None,
    also_read: Sequence[str] = (),
    project_id: str | None = None,
    request_id: str | None = None,
    held: Sequence[str] = (),
) -> str:
    """Write a wish and the holds it needs, and return its id.

    The subject is always held; `held` names further resources. Raises `Conflict` when a live operation has one.
    `source` is what the operation reads, and `also_read` what it reads beside that.
    """
    operation_id = str(uuid.uuid4())
    tx.execute(
        _SUBMITTING,
        {
            "id": operation_id,
            "kind": operation.kind,
            "subject": subject,
            "source": source,
            "project_id": project_id,
            "args": dict(args or {}),
            "queue": queue,
            "step": operation.steps[0].name,
            "request_id": request_id,
        },
    )
    try:
        tx.execute(_HOLDING, [{"resource": name, "operation": operation_id} for name in (subject, *held)])
    except IntegrityError as error:
        raise Conflict(f"Another operation is working on {subject}.") from error
    if source is not None:
        tx.execute(_READING, [{"operation": operation_id, "resource": name} for name in (source, *also_read)])
    return operation_id


def claim(
    tx: Connection,
    queues: Sequence[str],
    worker: str,
    limit: int,
    lease_s: float = LEASE_S,
    *,
    slow: Collection[str] = (),
    engaged: Collection[str] = (),
) -> list[Job]:
    """Take up to `limit` due operations of the queues, the longest due first.

    Of the kinds `slow` at most one of each queue, and none of the queues `engaged`.
    """
    jobs = []
    taken = set(engaged)
    which_are_open = {"slow": list(slow), "engaged": list(engaged)}
    for row in tx.execute(_DUE, {"queues": queues, "most": limit, **which_are_open}).mappings().all():
        if row["kind"] in slow:
            if row["queue"] in taken:
                continue
            taken.add(row["queue"])
        claimed = {"attempt": row["attempt"] + 1, "worker": worker}
        which = {"mine": row["id"], "my_attempt": row["attempt"], "lease_s": lease_s}
        if write(tx, _CLAIMING, which, claimed):
            jobs.append(Job({**row, **claimed}, lease_s))
    return jobs


def _mine(job: Job) -> dict[str, Any]:
    return {"mine": job.id, "my_attempt": job.attempt}


def hold_on(tx: Connection, job: Job) -> None:
    """The fence: the first statement of every record. Raises `Lost` when the operation is no longer ours."""
    if not tx.execute(_FENCING, {**_mine(job), "lease_s": job.lease_s}).rowcount:
        raise Lost


def move_on(tx: Connection, job: Job, goto: Goto) -> None:
    """Write where the operation stands now. Its failures are forgotten: a new step starts afresh."""
    values: dict[str, Any] = {"step": goto.step, "args": {**job.args, **goto.args}, "failures": 0}
    if goto.error is not None:
        values["error"] = goto.error
    if goto.queue not in {None, job.queue}:
        # Another queue's workers take it from here, at once.
        values |= {"queue": goto.queue, "due_at": now_s(), "worker": None}
    write(tx, _WRITING, _mine(job), values)


def finish(tx: Connection, job: Job, done: Done) -> None:
    """Write the end, and let go of everything the operation held."""
    values = {"due_at": None, "outcome": done.outcome, "result": done.result, "source": None}
    tx.execute(_LETTING_GO, {"mine": job.id})
    if job.source is not None:
        tx.execute(_HAVING_READ, {"mine": job.id})
    write(tx, _WRITING, _mine(job), {**values, "finished_at": now_text()})


def put_off(tx: Connection, job: Job, why: str, delay_s: float, failures: int) -> None:
    """Set the time of the next attempt, in seconds from now, and say why."""
    values = {"due_at": now_s() + delay_s, "error": why, "failures": failures, "worker": None}
    write(tx, _WRITING, _mine(job), values)


def lay_down(tx: Connection, job: Job) -> None:
    """Let go of an operation between two steps: the next worker goes on at once."""
    write(tx, _WRITING, _mine(job), {"due_at": now_s(), "worker": None})


def keep(tx: Connection, jobs: Sequence[Job]) -> None:
    """The heartbeat: extend the leases, write the progress, and tell jobs that are lost or were asked to stop."""
    tx.execute(_EXTENDING, [{**_mine(job), "lease_s": job.lease_s} for job in jobs])
    rows = tx.execute(
        select(operations.c.id, operations.c.attempt, operations.c.cancel_requested).where(
            operations.c.id.in_([job.id for job in jobs]), operations.c.due_at.is_not(None)
        )
    ).all()
    found = {row.id: row for row in rows}
    for job in jobs:
        if job.progress is not None:
            write(tx, _WRITING, _mine(job), {"progress": job.progress})
        row = found.get(job.id)
        job.is_lost = row is None or row.attempt != job.attempt
        job.is_cancelled = row is not None and row.cancel_requested


def release(tx: Connection, queues: Sequence[str]) -> int:
    """Make all claimed operations of the queues due now.

    For a process that knows to be the only one serving them (it holds the lock of the backend or of the data
    directory): what its predecessor had in hand need not wait for the lease to end.
    """
    claimed = operations.c.queue.in_(queues) & operations.c.worker.is_not(None) & operations.c.due_at.is_not(None)
    return tx.execute(update(operations).where(claimed).values(due_at=now_s(), worker=None)).rowcount


def read_from(tx: Connection, job: Job, resource: str) -> None:
    """From now on the operation reads the resource, which stays until it has finished."""
    tx.execute(_READING, {"operation": job.id, "resource": resource})
    write(tx, _WRITING, _mine(job), {"source": resource})
    job.source = resource


def is_source(tx: Connection, resource: str) -> bool:
    """Whether a live operation reads from the resource."""
    return bool(readers(tx, resource))


def readers(tx: Connection, resource: str) -> set[str]:
    """The kinds of the live operations that read from the resource."""
    return set(tx.execute(_READERS, {"resource": resource}).scalars())


def next_due_s(
    tx: Connection, queues: Sequence[str], *, slow: Collection[str] = (), engaged: Collection[str] = ()
) -> float | None:
    """Seconds until there is something to claim (at least 0), or None when nothing waits; `claim` has the arguments."""
    which_are_open = {"slow": list(slow), "engaged": list(engaged)}
    delay_s = tx.execute(_SOONEST, {"queues": queues, **which_are_open}).scalar()
    return None if delay_s is None else max(0.0, delay_s)


def find_finished(tx: Connection, operation_id: str) -> AnyRow | None:
    """Outcome, result and error of an operation that has finished; None while it lives."""
    return first(tx.execute(_FINISHED, {"of": operation_id}))


def is_held(tx: Connection, resource: str) -> bool:
    """Whether a live operation moves the resource."""
    return bool(tx.execute(_IS_HELD, {"resource": resource}).scalar())
