"""Delete a group, and with `with_volumes` its volumes too."""

from collections.abc import Sequence

from sqlalchemy import Connection

from lapilli.db import groups, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations import delete_volume
from lapilli.operations.admission import check_not_frozen, scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.deletions import deletion
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.wipe_volume import Left
from lapilli.work.operation import Done, Job
from lapilli.work.queue import is_held, is_source, submit


def admit(tx: Connection, caller: Caller, group_id: str, *, with_volumes: bool) -> str | None:
    """What happens before 202. A group that is being deleted already is no error. Returns the queue to be rung."""
    group = groups.lock(tx, group_id, scope_of(caller))
    if group.status == "deleting" and not group.by_hand:
        return None
    if is_held(tx, group_id):
        raise Conflict(f"Group {group_id} is {group.status}; wait for that, or cancel it.")
    doomed = groups.lock_volumes(tx, group_id)
    _check_unused(tx, group, doomed, with_volumes=with_volumes)
    if group.host is not None:
        check_not_frozen(tx, group.host)
    groups.move(tx, group_id, "delete_with_volumes" if with_volumes else "delete")
    for volume in doomed:
        volumes.move(tx, volume.id, "delete")
    if group.host is None:  # never placed, and so none of its volumes was: nothing exists outside the database
        for volume in doomed:
            volumes.move(tx, volume.id, "deleted")
        groups.move(tx, group_id, "deleted")
        return None
    queue = volume_queue(Location.parse(group.host).service)
    ids = [volume.id for volume in doomed]
    whose = {"project_id": group.project_id, "request_id": caller.request_id}
    submit(tx, OPERATION, group_id, queue, held=ids, args={"volumes": ids}, **whose)
    return queue


def _check_unused(tx: Connection, group: AnyRow, doomed: Sequence[AnyRow], *, with_volumes: bool) -> None:
    if groups.has_snapshots(tx, group.id):
        raise Conflict(f"Group {group.id} has group snapshots; delete them first.")
    if doomed and not with_volumes:
        raise Conflict(f"Group {group.id} has {len(doomed)} volumes; take them out, or ask for delete-volumes.")
    if is_source(tx, group.id):
        raise Conflict(f"Group {group.id} is being copied; try again when the copy is made.")
    for volume in doomed:
        delete_volume.check_unused(tx, volume)
        if volumes.has_snapshots(tx, volume.id):
            raise Conflict(f"Volume {volume.id} of group {group.id} has snapshots; delete them first.")


def remove(job: Job, desk: VolumeDesk) -> Left:
    """The volumes cease to exist."""
    left: dict[str, str | None] = {}
    for volume_id in job.args["volumes"]:
        left |= delete_volume.take_away(job, desk, volume_id)
        job.check()
    return left


def record_removal(tx: Connection, job: Job, left: Left) -> Done:
    for volume_id in job.args["volumes"]:
        delete_volume.record_gone(tx, job, left, volume_id)
    groups.move(tx, job.subject, "deleted")
    return Done()


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    for volume_id in job.args["volumes"]:
        volumes.move(tx, volume_id, "delete_failed")
    groups.move(tx, job.subject, "delete_failed")
    complain(tx, job, Action.DELETE_GROUP, Detail.VOLUME_DELETE_ERROR, Resource.GROUP)
    return Done(outcome="failed")


OPERATION = deletion("group.delete", remove, record_removal, record_failure)
