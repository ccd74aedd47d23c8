"""Change a group: its name and description at once, which volumes are in it as an operation.

Volumes that join are in the group from the admission on, and those that leave stay in it until the end: nobody can
delete either meanwhile.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from lapilli.db import groups, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import check_not_frozen, require_status, scope_of
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.group_rules import check_type
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import submit


def admit(
    tx: Connection,
    caller: Caller,
    group_id: str,
    *,
    name: str | None,
    description: str | None,
    add: Sequence[str],
    remove: Sequence[str],
) -> str | None:
    """What happens before 202; None leaves a text as it is. Returns the queue to be rung, if any."""
    group = groups.lock(tx, group_id, scope_of(caller))
    if set(add) & set(remove):
        raise Malformed(f"{', '.join(sorted(set(add) & set(remove)))} cannot both join the group and leave it.")
    members = {volume.id: volume for volume in groups.lock_volumes(tx, group_id)}
    joining = [_joining(tx, caller, group, each) for each in dict.fromkeys(add) if each not in members]
    leaving = [_leaving(members, group, each) for each in dict.fromkeys(remove)]
    texts = {
        column: text
        for column, text in (("name", name), ("description", description))
        if text is not None and text != getattr(group, column)
    }
    if not (texts or joining or leaving):
        raise Malformed(f"Nothing of group {group_id} would change; give a new name, description, or volumes.")
    if texts:
        groups.change(tx, group_id, **texts)
    return _submit(tx, caller, group, joining, leaving) if joining or leaving else None


def _joining(tx: Connection, caller: Caller, group: AnyRow, id: str) -> str:
    """The id of a volume that may join the group."""
    volume = volumes.find(tx, id, scope_of(caller))
    if volume is None:
        raise Malformed(f"Volume {id} could not be found, so it cannot join group {group.id}.")
    volume = volumes.lock(tx, id, None)
    if volume.group_id is not None:
        raise Conflict(f"Volume {id} is in group {volume.group_id} already.")
    if volume.project_id != group.project_id:
        raise Conflict(f"Volume {id} and group {group.id} are of different projects.")
    check_type(tx, group, volume.volume_type_id)
    require_status("Volume", volume, {"available", "in-use"})
    if group.host is None or Location.parse(volume.host).service != Location.parse(group.host).service:
        raise Conflict(f"Volume {id} is not on the storage of group {group.id}.")
    return id


def _leaving(members: dict[str, AnyRow], group: AnyRow, id: str) -> str:
    if id not in members:
        raise Malformed(f"Volume {id} is not in group {group.id}.")
    require_status("Volume", members[id], {"available", "in-use", "error", "error_deleting"})
    return id


def _submit(tx: Connection, caller: Caller, group: AnyRow, joining: Sequence[str], leaving: Sequence[str]) -> str:
    groups.move(tx, group.id, "update")
    check_not_frozen(tx, group.host)
    _write_group(tx, joining, group.id)
    queue = volume_queue(Location.parse(group.host).service)
    submit(
        tx,
        OPERATION,
        group.id,
        queue,
        project_id=group.project_id,
        request_id=caller.request_id,
        args={"joining": list(joining), "leaving": list(leaving)},
    )
    return queue


def _write_group(tx: Connection, ids: Collection[str], group_id: str | None) -> None:
    for volume_id in ids:
        volumes.change(tx, volume_id, group_id=group_id)


def change(_job: Job, _desk: VolumeDesk) -> None:
    """Volumes join and leave in the rows only; no storage keeps groups."""


def record_change(tx: Connection, job: Job, _result: None) -> Done:
    _write_group(tx, job.args["leaving"], None)
    groups.move(tx, job.subject, "updated")
    return Done()


def undo(_job: Job, _desk: VolumeDesk) -> None:
    """Nothing was done to any storage."""


def record_failure(tx: Connection, job: Job, _result: None) -> Done:
    _write_group(tx, job.args["joining"], None)
    groups.move(tx, job.subject, "update_failed")
    complain(tx, job, Action.UPDATE_GROUP, Detail.UNKNOWN_ERROR, Resource.GROUP)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="group.update",
    steps=(Step("change", change, record_change),),
    fail=Step("fail", undo, record_failure),
)
