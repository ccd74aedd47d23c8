"""Export a volume to a host: the attachment is given a connector, and answers with what the host needs."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from lapilli.db import attachments, pools, types, volumes
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.messages import Action, Detail
from lapilli.model.states import MIGRATING
from lapilli.model.values import Caller, Connector, Location
from lapilli.operations import qos
from lapilli.operations.admission import scope_of
from lapilli.operations.attach_volume import follow_the_end
from lapilli.operations.complaints import complain
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import readers, submit

_LONGEST = 255
# Operations whose copy is of one moment only while nobody writes, where the storage has no snapshots of its own.
_COPYING = {"volume.create", "snapshot.create"}
# Letters and digits that cannot be taken for one another, as people type these.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


def admit(tx: Connection, caller: Caller, attachment_id: str, connector: Connector, *, is_new: bool = False) -> str:
    """What happens before the export. Returns the operation, whose result is the connection info.

    An attachment that `is_new` is gone when it fails: its client has never heard of it.
    """
    attachment = attachments.get(tx, attachment_id, scope_of(caller))
    volume = volumes.lock(tx, attachment.volume_id, None)
    if "error" in volume.status:
        raise Conflict(f"Volume {volume.id} is {volume.status}.")
    if volume.migration_status in MIGRATING:
        raise Conflict(f"Volume {volume.id} is being migrated; wait for the end of that.")
    if not volume.multiattach and attachments.has_other_connected(tx, volume.id, attachment_id):
        _check_same_instance(tx, volume, attachment)
    _check_form(connector)
    _check_free(attachment, connector)
    if readers(tx, volume.id) & _COPYING and pools.fact(tx, volume.host, "copies_snapshots"):
        raise Conflict(f"Volume {volume.id} is being copied; try again when the copy is made.")
    values = {"connector": dict(connector), "host_name": connector["host"]}
    attachments.move(tx, attachment_id, "connect", mountpoint=connector.get("mountpoint", "na"), **values)
    volumes.follow_attachments(tx, volume.id)
    attachments.ensure_export(tx, volume.id, _random(20), _random(16))
    return submit(
        tx,
        OPERATION,
        attachment_id,
        volume_queue(Location.parse(volume.host).service),
        source=volume.id,
        project_id=attachment.project_id,
        request_id=caller.request_id,
        args={"volume_id": volume.id, "connector": dict(connector), "is_new": is_new},
    )


def _check_form(connector: Connector) -> None:
    """What every target needs, and what the row takes; the rest is for the target to judge."""
    if not connector.get("host"):
        raise Malformed("The connector has no host.")
    for field in ("host", "initiator", "nqn", "mountpoint"):
        value = connector.get(field)
        if value is not None and not (isinstance(value, str) and len(value) <= _LONGEST):
            raise Malformed(f"The connector's {field} must be a text of at most {_LONGEST} characters.")
    if connector.get("mode") not in (None, "rw", "ro"):
        raise Malformed("The connector's mode must be rw or ro.")


def _check_same_instance(tx: Connection, volume: AnyRow, attachment: AnyRow) -> None:
    """A live migration connects the same instance from two hosts; nobody else may share the volume."""
    others = {row.instance_id for row in attachments.of_volume(tx, volume.id) if row.connector is not None}
    if attachment.instance_id is None or others - {attachment.instance_id}:
        raise Conflict(f"Volume {volume.id} is connected already, and not of a type that can be attached twice.")


def _check_free(attachment: AnyRow, connector: Connector) -> None:
    """An attachment is of one host; once that has the device, it is not connected anew."""
    if attachment.connector is None:
        return
    if attachment.status == "attached" or _names(attachment.connector) != _names(connector):
        raise Conflict(f"Attachment {attachment.id} is connected to {attachment.host_name}; make another one.")


def _names(connector: Connector) -> tuple[Any, Any]:
    """What a host calls itself, whichever the protocol."""
    return connector.get("initiator"), connector.get("nqn")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def connect(job: Job, desk: VolumeDesk) -> dict[str, Any]:
    """The target exists, and the host's initiator may log in."""
    volume_id = job.args["volume_id"]
    initiator = desk.target.check_connector(job.args["connector"])
    with desk.turns.taken(volume_id):
        with desk.db.read() as tx:
            volume = volumes.get(tx, volume_id, None)
            row = attachments.find_export(tx, volume_id)
        assert row is not None, "admission has made the export's row, and holds the attachment that needs it"
        export = desk.export_of(volume_id, row.number, row.username, row.password, volume.size_gib)
        desk.target.export(export)
        multipath = bool(job.args["connector"].get("multipath"))
        grant = desk.target.grant(export, initiator, multipath=multipath)
    discard = {"discard": True} if desk.takes_discards else {}
    return {**discard, **grant.data, "driver_volume_type": grant.driver_volume_type}


def record_connection(tx: Connection, job: Job, login: dict[str, Any]) -> Done:
    attachment = attachments.get(tx, job.subject, None)
    info = _connection_info(tx, volumes.get(tx, attachment.volume_id, None), attachment, login)
    # A new attachment has the mode that it was made with, if any; the connector's counts in an update.
    mode = attachment.attach_mode or (None if job.args.get("is_new") else attachment.connector.get("mode", "rw"))
    attachments.change(tx, job.subject, connection_info=info, attach_mode=mode, attached_at=now_text())
    return Done(result=info)


def _connection_info(tx: Connection, volume: AnyRow, attachment: AnyRow, login: dict[str, Any]) -> dict[str, Any]:
    """What Cinder's attachments answer: the target's data with what every volume says, in one flat object."""
    may_cache = types.get(tx, volume.volume_type_id, None).extra_specs.get("cacheable") == "<is> True"
    return {
        "target_discovered": False,
        "qos_specs": qos.of_volume(tx, volume),
        "encrypted": volume.encryption_key_id is not None,
        **login,
        "cacheable": may_cache and bool(login.get("cacheable", True)),
        "volume_id": volume.id,
        "access_mode": _access_mode(volume, attachment),
        "attachment_id": attachment.id,
        "enforce_multipath": bool(attachment.connector.get("enforce_multipath", False)),
    }


def _access_mode(volume: AnyRow, attachment: AnyRow) -> str:
    """How the host may use the volume: as the volume says, if it does, else as was asked for the attachment."""
    told = volume.admin_metadata
    if "readonly" in told:
        return str(told.get("attached_mode", "ro" if told["readonly"] == "True" else "rw"))
    return attachment.attach_mode or attachment.connector.get("mode") or "rw"


def undo(job: Job, desk: VolumeDesk) -> str:
    """The initiator is let in no more. Returns the outcome: `refused` if the target does not take such connectors."""
    try:
        desk.target.check_connector(job.args["connector"])
    except Malformed:
        return "refused"  # before anything was done
    disconnect_initiator(desk, job.args["volume_id"], job.subject, job.args["connector"])
    return "failed"


def disconnect_initiator(desk: VolumeDesk, volume_id: str, attachment_id: str, connector: Connector) -> None:
    """End what one attachment needed of the target, and the target itself when it was the last."""
    initiator = desk.target.check_connector(connector)
    with desk.turns.taken(volume_id):
        with desk.db.read() as tx:
            volume = volumes.get(tx, volume_id, None)
            row = attachments.find_export(tx, volume_id)
            others = _initiators(desk, attachments.other_connectors(tx, volume_id, without=attachment_id))
        if row is None:
            return
        export = desk.export_of(volume_id, row.number, row.username, row.password, volume.size_gib)
        if not others:
            desk.target.unexport(export)
        elif initiator not in others:
            desk.target.revoke(export, initiator)


def _initiators(desk: VolumeDesk, connectors: Iterable[Connector]) -> set[str]:
    """Whom the target has let in for them. A connector that it refuses is one that is about to fail."""
    found = set()
    for connector in connectors:
        with suppress(Malformed):
            found.add(desk.target.check_connector(connector))
    return found


def record_failure(tx: Connection, job: Job, outcome: str) -> Done:
    volume_id = job.args["volume_id"]
    volumes.lock(tx, volume_id, None)
    attachments.move(tx, job.subject, "connect_failed", connector=None, connection_info=None)
    if not attachments.has_other_connected(tx, volume_id, job.subject):
        attachments.delete_export(tx, volume_id)
    if job.args.get("is_new"):
        attachments.move(tx, job.subject, "detach")
        attachments.end(tx, job.subject, volume_id)
    follow_the_end(tx, volume_id)
    if outcome != "refused":
        complain(tx, job, Action.UPDATE_ATTACHMENT, Detail.ATTACH_ERROR, id=volume_id)
    return Done(outcome=outcome)


OPERATION = Operation(
    kind="attachment.connect",
    steps=(Step("connect", connect, record_connection, patience=4),),
    fail=Step("fail", undo, record_failure),
    is_awaited=True,
)
