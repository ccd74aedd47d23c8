"""Tell the compute service that a volume of its servers has changed; again, until it has heard."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection

from lapilli.db import attachments
from lapilli.model.errors import Unavailable
from lapilli.model.messages import Action, Detail
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import submit

_PATIENCE = 6


def begin(tx: Connection, job: Job, event: str, action: Action) -> None:
    """Tell the servers to which the job's volume is attached or promised, once this transaction is written.

    `event` is the compute service's name for it. Without a server nobody is told. `action` is what a message says
    was done, if the compute service never hears.
    """
    servers = {row.instance_id for row in attachments.of_volume(tx, job.subject) if row.instance_id}
    if servers:
        # An operation of its own: when the servers hear of it, the volume must be held no more.
        args = {"event": event, "volume": job.subject, "servers": sorted(servers), "action": action.name}
        submit(
            tx, OPERATION, str(uuid.uuid4()), job.queue, project_id=job.project_id, request_id=job.request_id, args=args
        )


def tell(job: Job, desk: VolumeDesk) -> None:
    """Raises `Unavailable` while the compute service does not take it."""
    servers: Sequence[str] = job.args["servers"]
    if desk.servers is not None and not desk.servers.tell(job.args["event"], job.args["volume"], servers):
        raise Unavailable("The compute service was not told.")


def record_told(_tx: Connection, _job: Job, _result: None) -> Done:
    return Done()


def undo(_job: Job, _desk: VolumeDesk) -> None:
    """The volume is changed, whoever knows of it."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    complain(tx, job, Action[job.args["action"]], Detail.NOTIFY_COMPUTE_SERVICE_FAILED, id=job.args["volume"])
    return Done(outcome="failed")


OPERATION = Operation(
    kind="servers.tell",
    steps=(Step("tell", tell, record_told, patience=_PATIENCE),),
    fail=Step("fail", undo, record_failure),
)
