"""Grow a volume, also while it is attached: admit, reserve the space, grow."""

from sqlalchemy import Connection

from lapilli.db import attachments, pools, quotas, types, volumes
from lapilli.model.errors import Malformed
from lapilli.model.messages import Action, Detail
from lapilli.model.values import Caller, Location
from lapilli.operations import tell_servers
from lapilli.operations.admission import Rules, check_volume_size, require_status, scope_of, take_quota
from lapilli.operations.complaints import complain
from lapilli.operations.desks import SCHEDULER_QUEUE, SchedulerDesk, VolumeDesk, volume_queue
from lapilli.operations.placement import PATIENCE, decide, nowhere, reserve
from lapilli.operations.wishes import submit_for
from lapilli.scheduler.decisions import Decision
from lapilli.scheduler.pools import Request
from lapilli.work.operation import Done, Goto, Job, Operation, Retry, Step
from lapilli.work.queue import is_source


def admit(tx: Connection, caller: Caller, rules: Rules, volume_id: str, new_size_gib: int, *, online: bool) -> None:
    """What happens before 202. `online` says whether the caller may extend a volume that is in use."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    require_status("Volume", volume, {"available", "in-use"} if online else {"available"})
    more_gib = new_size_gib - volume.size_gib
    if more_gib <= 0:
        raise Malformed(f"The new size of {new_size_gib} GiB must be more than the present {volume.size_gib} GiB.")
    kind = types.get(tx, volume.volume_type_id, None)
    limits = quotas.limits(tx, volume.project_id, rules.quota)
    check_volume_size(limits, new_size_gib, kind)
    take_quota(tx, rules, volume.project_id, {"gigabytes": more_gib}, kind.name, limits)
    volumes.move(tx, volume_id, "extend", previous_status=volume.status, charged_gib=new_size_gib)
    args = {
        "new_size_gib": new_size_gib,
        "more_gib": more_gib,
        "pool": volume.host,
        "extra_specs": kind.extra_specs,
        "is_attached": volume.status == "in-use",
        "is_reserved": False,
    }
    submit_for(tx, OPERATION, volume, caller, SCHEDULER_QUEUE, args=args)


def find_space(job: Job, desk: SchedulerDesk) -> Decision:
    """See whether the volume's own pool has room for the growth."""
    args = job.args
    request = Request(
        volume_id=job.subject,
        size_gib=args["more_gib"],
        operation="extend",
        extra_specs=args["extra_specs"],
        required=args["pool"],
        is_attached=args["is_attached"],
    )
    return decide(job, desk, request)


def record_space(tx: Connection, job: Job, decision: Decision) -> Goto:
    if reserve(tx, job, decision, volumes=0) is None:
        return nowhere(decision)
    queue = volume_queue(Location.parse(job.args["pool"]).service)
    return Goto("grow", queue, args={"is_reserved": True})


def grow(job: Job, desk: VolumeDesk) -> None:
    """The bytes first, then what the initiators see of them."""
    size_gib = job.args["new_size_gib"]
    with desk.db.read() as tx:
        if is_source(tx, job.subject):  # a copy that was admitted at the old size would be of the new one
            raise Retry("the volume is being copied or attached")
    desk.driver.extend_volume(desk.names.volume(job.subject), size_gib)
    with desk.turns.taken(job.subject):
        with desk.db.read() as tx:
            row = attachments.find_export(tx, job.subject)
        if row is not None:
            desk.target.resized(desk.export_of(job.subject, row.number, row.username, row.password, size_gib))


def record_growth(tx: Connection, job: Job, _result: None) -> Done:
    status = volumes.lock(tx, job.subject, None).previous_status
    volumes.move(tx, job.subject, "extended", to=status, size_gib=job.args["new_size_gib"], previous_status=None)
    volumes.follow_attachments(tx, job.subject)
    if job.args["is_attached"]:
        tell_servers.begin(tx, job, "volume-extended", Action.EXTEND_VOLUME)
    return Done()


def undo(_job: Job, _desk: SchedulerDesk | VolumeDesk) -> None:
    """Growth is not taken back: shrinking could cut bytes off."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    """Without space nothing was touched; after a fault of the backend the real size is not known."""
    volume = volumes.lock(tx, job.subject, None)
    values = {"charged_gib": volume.size_gib, "previous_status": None}
    if job.args["is_reserved"]:
        pools.give_back(tx, job.args["pool"], job.args["more_gib"], volumes=0)
        volumes.move(tx, job.subject, "extend_failed", **values)
        complain(tx, job, Action.EXTEND_VOLUME, Detail.DRIVER_FAILED_EXTEND)
    else:
        volumes.move(tx, job.subject, "extend_refused", to=volume.previous_status, **values)
        volumes.follow_attachments(tx, job.subject)
        complain(tx, job, Action.EXTEND_VOLUME, Detail.NO_BACKEND_AVAILABLE)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="volume.extend",
    steps=(Step("find_space", find_space, record_space, patience=PATIENCE), Step("grow", grow, record_growth)),
    fail=Step("fail", undo, record_failure),
)
