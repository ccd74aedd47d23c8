"""The steps that move a volume to another pool, which migrating and retyping share.

Where the volume is, its row says, and that changes in one transaction: before it the source is the volume, and what is
at the destination is a copy in the making; after it the destination is the volume, and what is at the source is left
over. A process that dies at any point leaves one of the two.
"""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.db import image_cache, pools, services, snapshots, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import BackendFailed, Conflict, Malformed
from lapilli.model.messages import Action, Detail
from lapilli.model.protocols.storage import ReceivesBytes
from lapilli.model.states import MIGRATING
from lapilli.model.values import Location
from lapilli.operations.complaints import complain
from lapilli.operations.desks import SchedulerDesk, VolumeDesk, volume_queue
from lapilli.operations.wipe_volume import free, take_volume
from lapilli.work.operation import Done, Goto, Job, Step

FIRST: Final = "locate"
"""The step that follows when the space at the destination is reserved."""


def begin(tx: Connection, job: Job, pool: str) -> Goto:
    """Where `placement.reserve` has found space: the volume is on its way there."""
    volume = volumes.lock(tx, job.subject, None)
    source = Location.parse(volume.host).service
    if Location.parse(pool).service == source:
        raise Conflict(
            f"A volume cannot move from {volume.host} to {pool}: on one backend its name is taken by itself."
        )
    volumes.change(tx, job.subject, destination=pool, migration_status="migrating")
    return Goto(FIRST, volume_queue(source), args={"from": volume.host, "to": pool, "size_gib": volume.size_gib})


def locate(job: Job, desk: VolumeDesk) -> str:
    """Where the bytes are now, as the machine of the source knows it."""
    return desk.driver.path(desk.names.volume(job.subject))


def record_location(_tx: Connection, job: Job, path: str) -> Goto:
    return Goto("look", volume_queue(Location.parse(job.args["to"]).service), args={"path": path})


def look(job: Job, desk: VolumeDesk) -> None:
    """See whether the destination reaches the source, and is not the same storage under another name."""
    receiver_of(desk).check_source(desk.names.volume(job.subject), job.args["path"])


def record_look(_tx: Connection, _job: Job, _result: None) -> Goto:
    """From here on, what has the volume's name at the destination is ours to delete."""
    return Goto("copy", args={"is_copied": True})


def copy(job: Job, desk: VolumeDesk) -> None:
    """The destination has the bytes. What an earlier attempt has copied is compared, and not written again."""
    name = desk.names.volume(job.subject)
    desk.driver.create_volume(name, job.args["size_gib"], Location.parse(job.args["to"]).pool or "")
    receiver_of(desk).receive(name, job.args["path"], job.check)


def record_copy(_tx: Connection, _job: Job, _result: None) -> Goto:
    return Goto("verify")


def verify(job: Job, desk: VolumeDesk) -> None:
    """What can be read from the destination is what can be read from the source."""
    offset = receiver_of(desk).differs_from(desk.names.volume(job.subject), job.args["path"], job.check)
    if offset is not None:
        raise BackendFailed(f"The copy on {job.args['to']} differs from its source at byte {offset}.")


def record_switch(tx: Connection, job: Job, _result: None) -> Goto:
    """The volume is at the destination, and of the type that it was to have."""
    volume = volumes.lock(tx, job.subject, None)
    service = Location.parse(job.args["to"]).service
    owner = services.find(tx, "cinder-volume", service)
    assert owner is not None, "the pool was ranked, so its service is registered"
    pools.give_back(tx, volume.host, 0, volumes=1)
    pools.keep_back(tx, job.id, volume.host, volume.size_gib)
    image_cache.remove(tx, volume.id)  # it is no copy at hand any more for volumes of the source's backend
    volumes.change(
        tx,
        job.subject,
        host=job.args["to"],
        destination=None,
        service_uuid=owner.uuid,
        cluster_name=owner.cluster_name,
        availability_zone=owner.availability_zone,
        migration_status="completing",
        **new_type(tx, volume, job),
    )
    return Goto("clean", volume_queue(Location.parse(job.args["from"]).service), args={"is_switched": True})


def new_type(tx: Connection, volume: AnyRow, job: Job) -> dict[str, Any]:
    """What of the volume's row says its type, when that changes; its snapshots follow."""
    if volume.new_type_id is None:
        return {}
    for snapshot in snapshots.of_volume(tx, volume.id):
        snapshots.change(tx, snapshot.id, volume_type_id=volume.new_type_id)
    return {
        "volume_type_id": volume.new_type_id,
        "new_type_id": None,
        "multiattach": job.args["multiattach"],
    }


def clean(job: Job, desk: VolumeDesk) -> str | None:
    """What is left over at the source is gone. Returns what of it has to be wiped."""
    return take_volume(desk, job.subject)


def record_end(tx: Connection, job: Job, left: str | None) -> Done:
    pool, size_gib = pools.let_go(tx, job.id)
    free(tx, job, pool, size_gib, left, volumes=0)
    put_down(tx, job.subject, "success")
    return Done()


def put_down(
    tx: Connection, volume_id: str, migration_status: str | None, event: str = "retyped", **values: Any
) -> None:
    """The volume has the status that it had before; `event` is what ends a retype, `values` are further columns."""
    volume = volumes.lock(tx, volume_id, None)
    values |= {"migration_status": migration_status, "destination": None, "new_type_id": None}
    if volume.status == "retyping":
        volumes.move(tx, volume_id, event, to=volume.previous_status, previous_status=None, **values)
        volumes.follow_attachments(tx, volume_id)
    elif volume.status == "maintenance":
        volumes.move(tx, volume_id, "unlock", previous_status=None, **values)
    else:
        volumes.change(tx, volume_id, **values)


def undo(job: Job, desk: SchedulerDesk | VolumeDesk) -> str | None:
    """The copy is gone, unless it is the volume by now. Returns what of it has to be wiped."""
    if isinstance(desk, VolumeDesk) and job.args.get("is_copied") and not job.args.get("is_switched"):
        return take_volume(desk, job.subject)
    return None


def record_failure(tx: Connection, job: Job, left: str | None) -> Done:
    """Before the switch the volume is as it was; after it, only something is left over at the source."""
    if job.args.get("is_switched"):
        return replace(record_end(tx, job, None), outcome="failed")
    volume = volumes.get(tx, job.subject, None)
    if volume.destination is not None:
        free(tx, job, volume.destination, volume.size_gib, left, volumes=1)
    if not job.args.get("is_copied"):
        complain(tx, job, Action.SCHEDULE_ALLOCATE_VOLUME, Detail.NO_BACKEND_AVAILABLE)
    status = "error" if volume.migration_status in MIGRATING else volume.migration_status
    put_down(tx, job.subject, status, "retype_failed")
    return Done(outcome="failed")


def receiver_of(desk: VolumeDesk) -> ReceivesBytes:
    """The destination's driver, if it can take copies; else `Malformed`."""
    if not isinstance(desk.driver, ReceivesBytes):
        raise Malformed("The storage of the destination cannot take copies of volumes from elsewhere.")
    return desk.driver


STEPS: Final = (
    Step(FIRST, locate, record_location),
    Step("look", look, record_look, patience=0),
    Step("copy", copy, record_copy),
    Step("verify", verify, record_switch),
    Step("clean", clean, record_end, patience=8),
)
FAIL: Final = Step("fail", undo, record_failure)
