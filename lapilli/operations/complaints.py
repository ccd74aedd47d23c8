"""What the records of failures leave for users to read."""

from sqlalchemy import Connection

from lapilli.db import messages
from lapilli.model.messages import Action, Detail, Resource
from lapilli.work.operation import CANCELLED, Job


def complain(
    tx: Connection,
    job: Job,
    action: Action,
    detail: Detail,
    resource: Resource = Resource.VOLUME,
    id: str | None = None,
) -> None:
    """Tell the project of the operation why its wish was not met; a wish that was cancelled needs no telling.

    `id` is what the message is about, if not the operation's subject.
    """
    if job.error != CANCELLED:
        about = id or job.subject
        messages.leave(tx, resource, about, action, detail, project_id=job.project_id, request_id=job.request_id)
