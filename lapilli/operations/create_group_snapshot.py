"""Keep the present bytes of all volumes of a group: a snapshot of each, all of them or none.

Where the group's type asks for snapshots of one moment, the storage takes them together or the request is refused.
Elsewhere they are taken one after the other.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection

from lapilli.db import group_snapshots, group_types, groups, pools, snapshots
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.messages import Action, Detail, Resource
from lapilli.model.protocols.storage import SnapshotsGroups
from lapilli.model.values import Caller, Location
from lapilli.operations.admission import (
    Rules,
    check_at_rest,
    check_not_frozen,
    require_status,
    scope_of,
    take_quotas,
)
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.operations.group_rules import CONSISTENT_SNAPSHOTS, says
from lapilli.operations.wipe_volume import Left, free, take_snapshot
from lapilli.work.operation import Done, Goto, Job, Operation, Step, no_effect
from lapilli.work.queue import submit


def admit(
    tx: Connection, caller: Caller, rules: Rules, group_id: str, *, name: str | None, description: str | None
) -> str:
    """What happens before 202. Returns the group snapshot's id."""
    group = groups.lock(tx, group_id, scope_of(caller))
    require_status("Group", group, {"available"})
    check_not_frozen(tx, group.host)
    members = groups.lock_volumes(tx, group_id)
    is_consistent = _check(tx, group, members)
    _take_quota(tx, caller, rules, members)
    group_snapshot_id = str(uuid.uuid4())
    whose = {"project_id": caller.project_id, "user_id": caller.user_id, "name": name, "description": description}
    group_snapshots.add(tx, id=group_snapshot_id, group_id=group_id, group_type_id=group.group_type_id, **whose)
    pieces = []
    for volume in members:
        snapshot_id = str(uuid.uuid4())
        snapshots.add(
            tx,
            id=snapshot_id,
            volume_id=volume.id,
            volume_type_id=volume.volume_type_id,
            size_gib=volume.size_gib,
            progress="0%",
            group_snapshot_id=group_snapshot_id,
            **whose,
        )
        piece = {"id": snapshot_id, "volume": volume.id, "pool": volume.host, "size_gib": volume.size_gib}
        pieces.append(piece)
    submit(
        tx,
        OPERATION,
        group_snapshot_id,
        volume_queue(Location.parse(group.host).service),
        source=group_id,
        also_read=[volume.id for volume in members],
        project_id=caller.project_id,
        request_id=caller.request_id,
        held=[piece["id"] for piece in pieces],
        args={"pieces": pieces, "consistent": is_consistent},
    )
    return group_snapshot_id


def _check(tx: Connection, group: AnyRow, members: Sequence[AnyRow]) -> bool:
    """Refuse what cannot be kept; whether it has to be of one moment."""
    if not members:
        raise Conflict(f"Group {group.id} has no volumes; there is nothing to keep.")
    for volume in members:
        require_status("Volume", volume, {"available", "in-use"})
        check_at_rest(tx, volume)
    if not says(group_types.get(tx, group.group_type_id, None).group_specs, CONSISTENT_SNAPSHOTS):
        return False
    if not all(pools.fact(tx, pool, CONSISTENT_SNAPSHOTS) for pool in {volume.host for volume in members}):
        raise Conflict(
            f"The type of group {group.id} asks for snapshots of one moment ({CONSISTENT_SNAPSHOTS}), and the "
            "storage of the group cannot take them. Snapshot the volumes one by one, or use another group type."
        )
    return True


def _take_quota(tx: Connection, caller: Caller, rules: Rules, members: Sequence[AnyRow]) -> None:
    pieces = []
    for volume in members:
        more = {"snapshots": 1}
        if rules.snapshots_use_gigabytes:
            more["gigabytes"] = volume.size_gib
        pieces.append((volume.volume_type, more))
    take_quotas(tx, rules, caller.project_id, pieces)


def record_space(tx: Connection, job: Job, _result: None) -> Goto:
    """As for single snapshots, for all of them."""
    for piece in job.args["pieces"]:
        if not pools.fact(tx, piece["pool"], "snapshots_take_space"):
            continue
        if not pools.take_if_free(tx, piece["pool"], piece["size_gib"]):
            return Goto("fail", error=f"{piece['pool']} has no {piece['size_gib']} GiB free for a snapshot.")
        snapshots.change(tx, piece["id"], allocated_gib=piece["size_gib"])
    return Goto("take")


def take(job: Job, desk: VolumeDesk) -> None:
    """Make the snapshots exist."""
    names = {desk.names.snapshot(piece["id"]): desk.names.volume(piece["volume"]) for piece in job.args["pieces"]}
    if job.args["consistent"]:
        if not isinstance(desk.driver, SnapshotsGroups):
            raise Malformed("The storage no longer takes snapshots of one moment.")
        desk.driver.create_group_snapshot(names)
        return
    for snapshot, volume in names.items():
        desk.driver.create_snapshot(snapshot, volume)
        job.check()


def record_snapshots(tx: Connection, job: Job, _result: None) -> Done:
    for piece in job.args["pieces"]:
        snapshots.move(tx, piece["id"], "created", progress="100%")
    group_snapshots.move(tx, job.subject, "created")
    return Done()


def undo(job: Job, desk: VolumeDesk) -> Left:
    """What was made of the snapshots is removed."""
    return {piece["id"]: take_snapshot(desk, piece["id"], piece["volume"]) for piece in job.args["pieces"]}


def record_failure(tx: Connection, job: Job, left: Left) -> Done:
    for piece in job.args["pieces"]:
        allocated_gib = snapshots.get(tx, piece["id"], None).allocated_gib
        free(tx, job, piece["pool"], allocated_gib, left[piece["id"]], volumes=0)
        snapshots.move(tx, piece["id"], "create_failed", allocated_gib=0)
    group_snapshots.move(tx, job.subject, "create_failed")
    complain(tx, job, Action.CREATE_GROUP_SNAPSHOT, Detail.SNAPSHOT_CREATE_ERROR, Resource.GROUP_SNAPSHOT)
    return Done(outcome="failed")


OPERATION = Operation(
    kind="group_snapshot.create",
    steps=(Step("reserve", no_effect, record_space), Step("take", take, record_snapshots)),
    fail=Step("fail", undo, record_failure),
)
