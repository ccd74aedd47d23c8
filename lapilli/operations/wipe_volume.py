"""Wipe what was deleted: the name is free at once, the space comes back when nobody can read the old bytes any more.

Whoever deletes from a storage does it here: an effect takes a volume or a snapshot away and tells what is left of it,
and its record frees the space, which is at once where nothing is left.
"""

import logging
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection

from lapilli.db import pools
from lapilli.model.errors import BackendFailed, LapilliError
from lapilli.model.protocols.storage import WipesLater
from lapilli.model.values import GIB, Location
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.work.operation import Cancelled, Done, Job, Operation, Step
from lapilli.work.queue import submit

_log = logging.getLogger(__name__)

Left = Mapping[str, str | None]
"""What is left to wipe of each thing that was deleted: its name on the storage, by the id; None where nothing is."""


def take_volume(desk: VolumeDesk, volume_id: str) -> str | None:
    """The volume is gone from its name. Returns the name under which it has to be wiped, or None if it is all gone."""
    name = desk.names.volume(volume_id)
    if isinstance(desk.driver, WipesLater):
        return desk.driver.set_aside(name)
    desk.driver.delete_volume(name)
    return None


def take_snapshot(desk: VolumeDesk, snapshot_id: str, volume_id: str) -> str | None:
    """As `take_volume`, for a snapshot of the volume."""
    name = desk.names.snapshot(snapshot_id)
    if isinstance(desk.driver, WipesLater):
        return desk.driver.set_aside(name)
    desk.driver.delete_snapshot(name, desk.names.volume(volume_id))
    return None


def free(tx: Connection, job: Job, pool: str, size_gib: int, left: str | None, *, volumes: int) -> None:
    """Give the pool its space back, or have that done when what is `left` of it has been wiped.

    The pool counts `volumes` fewer in any case. What is left is wiped by an operation of its own, which holds nothing
    that anybody else could want.
    """
    if left is None:
        pools.give_back(tx, pool, size_gib, volumes=volumes)
        return
    pools.give_back(tx, pool, 0, volumes=volumes)
    operation_id = submit(
        tx,
        OPERATION,
        str(uuid.uuid4()),
        volume_queue(Location.parse(pool).service),
        project_id=job.project_id,
        request_id=job.request_id,
        args={"name": left},
    )
    pools.keep_back(tx, operation_id, pool, size_gib)


def wipe(job: Job, desk: VolumeDesk) -> None:
    """The old bytes are gone, and so is what had them."""
    name = job.args["name"]
    if not isinstance(desk.driver, WipesLater):
        raise BackendFailed(f"The driver of {desk.service} cannot wipe {name}. Give it back the one that it had.")

    def go_on(done_bytes: int, total_bytes: int) -> None:
        job.progress = f"{100 * done_bytes // total_bytes}% of {total_bytes / GIB:g} GiB"
        with suppress(Cancelled):  # nobody can take back a deletion
            job.check()

    try:
        desk.driver.wipe(name, go_on)
    except LapilliError as error:
        if not job.failures:
            _log.warning("%s of %s waits to be wiped: %s", name, desk.service, error)
        raise


def record_wiped(tx: Connection, job: Job, _result: None) -> Done:
    pool, size_gib = pools.let_go(tx, job.id)
    pools.give_back(tx, pool, size_gib, volumes=0)
    return Done()


def wipe_again(job: Job, desk: VolumeDesk) -> None:
    """There is no way to fail: until the space is wiped nobody may have it, so that is tried for ever."""
    wipe(job, desk)


_FOR_EVER: Final = 10**9

OPERATION = Operation(
    kind="volume.wipe",
    steps=(Step("wipe", wipe, record_wiped, patience=_FOR_EVER),),
    fail=Step("wipe_again", wipe_again, record_wiped),
    is_slow=True,
)
