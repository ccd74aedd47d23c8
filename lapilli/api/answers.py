"""Wait for an operation whose result is the answer to the request."""

import time
from typing import Any, Final

from lapilli.api.faults import Status
from lapilli.api.request import Request
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Malformed, Unavailable
from lapilli.work import queue
from lapilli.work.operation import awaited_topic

_POLL_S: Final = 0.5
"""How long a lost wake-up can keep a client waiting."""


def result_of(request: Request, operation_id: str, queue_name: str) -> Any:
    """The operation's result, once it has finished.

    Raises 500, as Cinder does, with the reason when the operation failed, `Malformed` when it was refused, and
    `Unavailable` when it takes too long; it then goes on, and the resource shows what became of it.
    """
    around = request.around
    give_up_at = time.monotonic() + around.answer_timeout_s
    with around.wake.listen(awaited_topic(operation_id)) as listener:
        around.wake.ring(queue_name)
        while True:
            row = _finished(request, operation_id)
            if row is not None:
                break
            if time.monotonic() >= give_up_at:
                raise Unavailable("The storage backend has not answered in time; the work goes on.")
            listener.wait(_POLL_S)
    if row.outcome == "refused":
        raise Malformed(str(row.error))
    if row.outcome != "done":
        raise Status(500, f"The storage backend could not do it: {row.error}")
    return row.result


def _finished(request: Request, operation_id: str) -> AnyRow | None:
    with request.around.db.read() as tx:
        return queue.find_finished(tx, operation_id)
