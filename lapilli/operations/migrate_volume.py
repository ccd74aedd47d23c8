"""Move a volume to another backend, as an administrator asks."""

from typing import Final

from sqlalchemy import Connection

from lapilli.db import attachments, types, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import Rules, find_service, scope_of
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk
from lapilli.operations.move_volume import FAIL, STEPS, begin
from lapilli.operations.placement import PATIENCE, decide, nowhere, reserve
from lapilli.operations.wishes import submit_for
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Goto, Job, Operation, Step
from lapilli.work.queue import is_source

SETTLED: Final = {None, "deleting", "error", "success"}
"""Migration statuses of volumes that are not migrating. Cinder's `none` is not among them: nothing writes it."""
_NOT_REPLICATED: Final = {None, "disabled", "not-capable"}


def admit(
    tx: Connection,
    caller: Caller,
    rules: Rules,
    volume_id: str,
    *,
    host: str | None,
    cluster: str | None,
    lock_volume: bool,
) -> None:
    """What happens before 202: the volume is migrating, and under maintenance if it is to be locked."""
    service = find_service(tx, rules, host=host, cluster=cluster)
    if service is None:
        raise Malformed(f"There is no volume service {host or cluster}.")
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    if volume.status not in {"available", "in-use"}:
        raise Conflict(f"Volume {volume_id} is {volume.status}; it must be available or in-use.")
    if volume.status == "in-use":
        raise Conflict(f"Volume {volume_id} is in-use: it is moved only while nobody writes to it. Detach it first.")
    _check_destination(volume, host, service)
    check_movable(tx, volume)
    if lock_volume:
        volumes.move(tx, volume_id, "lock", previous_status=volume.status, migration_status="starting")
    else:
        volumes.change(tx, volume_id, migration_status="starting")
    args = {
        "required": host if host and Location.parse(host).pool else service.host,
        "size_gib": volume.size_gib,
        "extra_specs": types.get(tx, volume.volume_type_id, None).extra_specs,
    }
    submit_for(tx, OPERATION, volume, caller, SCHEDULER_QUEUE, args=args)


def _check_destination(volume: AnyRow, host: str | None, service: AnyRow) -> None:
    here = Location.parse(volume.host)
    if host == volume.host or (here.service == service.host and (not host or Location.parse(host).pool is None)):
        raise Conflict(f"Volume {volume.id} is on {volume.host} already.")


def check_movable(tx: Connection, volume: AnyRow) -> None:
    """Refuse what must not be moved, whoever asks for it."""
    if volume.migration_status not in SETTLED:
        raise Conflict(f"Volume {volume.id} is being migrated already ({volume.migration_status}).")
    if volume.group_id is not None:
        raise Conflict(f"Volume {volume.id} is part of group {volume.group_id}; take it out first.")
    if volume.replication_status not in _NOT_REPLICATED:
        raise Conflict(f"Volume {volume.id} is replicated ({volume.replication_status}); end that first.")
    if volumes.has_snapshots(tx, volume.id):
        raise Conflict(f"Volume {volume.id} has snapshots, which cannot move with it; delete them first.")
    if is_source(tx, volume.id):
        raise Conflict(f"Volume {volume.id} is being copied; try again when the copy is made.")
    if attachments.find_export(tx, volume.id) is not None:
        raise Conflict(f"Volume {volume.id} is still exported to a host; detach it first.")


def place(job: Job, desk: SchedulerDesk) -> Decision:
    """See whether the destination has room, and is as the type demands."""
    args = job.args
    request = Request(
        volume_id=job.subject,
        size_gib=args["size_gib"],
        operation="migrate",
        extra_specs=args["extra_specs"],
        required=args["required"],
    )
    return decide(job, desk, request)


def record_place(tx: Connection, job: Job, decision: Decision) -> Goto:
    pool = reserve(tx, job, decision, volumes=1)
    if pool is None:
        return nowhere(decision)
    return begin(tx, job, pool)


OPERATION = Operation(
    kind="volume.migrate", steps=(Step("place", place, record_place, patience=PATIENCE), *STEPS), fail=FAIL
)
