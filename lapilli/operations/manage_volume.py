"""Take over as a volume what somebody else has put on a backend's storage."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from lapilli.db import encryptions, pools, services, volumes
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import Rules, find_service, take_quota
from lapilli.operations.complaints import complain
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk, VolumeDesk, volume_queue
from lapilli.operations.existing import check_unmanaged, driver_of, held_name, measure
from lapilli.operations.placement import BOUNDLESS_GIB, PATIENCE, decide, nowhere, settle
from lapilli.operations.type_choice import choose_type
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Done, Goto, Job, Operation, Step
from lapilli.work.queue import submit


@dataclass(frozen=True)
class Wish:
    """What was asked for. Of `host` and `cluster` one is given; the host may name a pool."""

    reference: Mapping[str, Any]
    host: str | None = None
    cluster: str | None = None
    name: str | None = None
    description: str | None = None
    volume_type: str | None = None
    availability_zone: str | None = None
    bootable: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)


def admit(tx: Connection, caller: Caller, rules: Rules, wish: Wish) -> str:
    """What happens before 202: a volume without a size, which is known when the backend has looked. Returns its id."""
    service = find_service(tx, rules, host=wish.host, cluster=wish.cluster)
    if service is None:
        raise Malformed(f"There is no volume service {wish.host or wish.cluster}.")
    check_unmanaged(tx, rules, wish.reference)
    kind = choose_type(tx, rules, caller, wish.volume_type, of_source=None, of_image=None)
    if encryptions.find(tx, kind.id) is not None:
        raise Malformed(f"Volume type {kind.name} is encrypted; what is on a storage already cannot become that.")
    take_quota(tx, rules, caller.project_id, {"volumes": 1}, kind.name)
    volume_id = _add(tx, caller, wish, kind, wish.availability_zone or service.availability_zone)
    submit(
        tx,
        OPERATION,
        volume_id,
        SCHEDULER_QUEUE,
        project_id=caller.project_id,
        request_id=caller.request_id,
        held=[held_name(service.host, wish.reference)],
        args={
            "reference": dict(wish.reference),
            "required": wish.host if wish.host and Location.parse(wish.host).pool else service.host,
            "extra_specs": kind.extra_specs,
            "type": kind.name,
            "quota": dict(rules.quota),
            "snapshots_use_gigabytes": rules.snapshots_use_gigabytes,
        },
    )
    return volume_id


def _add(tx: Connection, caller: Caller, wish: Wish, kind: AnyRow, zone: str) -> str:
    volume_id = str(uuid.uuid4())
    volumes.add(
        tx,
        "manage",
        id=volume_id,
        project_id=caller.project_id,
        user_id=caller.user_id,
        name=wish.name,
        description=wish.description,
        size_gib=0,
        charged_gib=0,
        volume_type_id=kind.id,
        availability_zone=zone,
        multiattach=kind.extra_specs.get("multiattach") == "<is> True",
        bootable=wish.bootable,
        metadata=dict(wish.metadata),
    )
    return volume_id


def place(job: Job, desk: SchedulerDesk) -> Decision:
    """See which pool of the backend it is in, and whether that is as the type demands."""
    args = job.args
    request = Request(
        volume_id=job.subject,
        size_gib=0,
        operation="manage",
        extra_specs=args["extra_specs"],
        required=args["required"],
    )
    return decide(job, desk, request)


def record_place(tx: Connection, job: Job, decision: Decision) -> Goto:
    pool = settle(tx, job, decision)
    if pool is None:
        return nowhere(decision)
    service = Location.parse(pool).service
    owner = services.find(tx, "cinder-volume", service)
    assert owner is not None, "the pools that are ranked are those of registered services"
    volumes.change(tx, job.subject, host=pool, service_uuid=owner.uuid)
    return Goto("measure", volume_queue(service), args={"pool": pool})


def look(job: Job, desk: VolumeDesk) -> tuple[str, int]:
    """What the reference means, and how large that is."""
    return measure(desk, job.args["reference"])


def record_size(tx: Connection, job: Job, found: tuple[str, int]) -> Goto:
    """The space is taken already; what may still be missing is quota."""
    args, (existing, size_gib) = job.args, found
    rules = Rules(quota=args["quota"], snapshots_use_gigabytes=args["snapshots_use_gigabytes"])
    assert job.project_id is not None, "admission has given it"
    take_quota(tx, rules, job.project_id, {"gigabytes": size_gib}, args["type"])
    pools.take(tx, args["pool"], size_gib, volumes=0, limit_gib=BOUNDLESS_GIB)
    volumes.change(tx, job.subject, size_gib=size_gib, charged_gib=size_gib)
    return Goto("adopt", args={"existing": existing, "size_gib": size_gib})


def adopt(job: Job, desk: VolumeDesk) -> None:
    """It has the volume's name and a whole number of GiB."""
    driver_of(desk).adopt(desk.names.volume(job.subject), job.args["existing"], job.args["size_gib"])


def record_adoption(tx: Connection, job: Job, _result: None) -> Done:
    volumes.move(tx, job.subject, "managed", launched_at=now_text())
    return Done()


def undo(job: Job, desk: SchedulerDesk | VolumeDesk) -> None:
    """It has its old name again: deleting the volume must not delete what was never ours."""
    if "existing" in job.args and isinstance(desk, VolumeDesk):
        driver_of(desk).release(desk.names.volume(job.subject), job.args["existing"])


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    volume = volumes.get(tx, job.subject, None)
    if volume.host is not None:
        pools.give_back(tx, volume.host, volume.size_gib, volumes=1)
    nowhere: dict[str, Any] = {"host": None, "service_uuid": None, "size_gib": 0, "charged_gib": 0}
    volumes.move(tx, job.subject, "manage_failed", **nowhere)
    complain(tx, job, Action.MANAGE_VOLUME, Detail.MANAGE_ERROR)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.manage",
    steps=(
        Step("place", place, record_place, patience=PATIENCE),
        Step("measure", look, record_size),
        Step("adopt", adopt, record_adoption),
    ),
    fail=Step("fail", undo, record_failure),
)
