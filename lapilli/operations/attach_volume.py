"""The steps of an attachment that only change rows: reserve, complete, and the older volume actions."""

import re
import uuid
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.db import attachments, volumes
from lapilli.db.clock import now_text
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.states import VOLUME, volume_status_after
from lapilli.model.values import Caller, Connector
from lapilli.operations.admission import scope_of

_FOLLOWING: Final = VOLUME.moves["attachments_changed"].frm
"""The statuses that are about attachments, and change with them."""


def reserve(
    tx: Connection,
    caller: Caller,
    volume_id: str,
    *,
    instance_id: str | None,
    mode: str | None,
) -> str:
    """Make an attachment without a connector; the volume becomes `reserved`. Returns the attachment's id."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    _check_attachable(tx, volume, instance_id)
    attachment_id = str(uuid.uuid4())
    # Cinder takes any value of this key for read-only, and clients live with it.
    is_read_only = "readonly" in volume.admin_metadata
    attachments.add(
        tx,
        id=attachment_id,
        volume_id=volume_id,
        project_id=volume.project_id,
        instance_id=instance_id,
        attach_mode="ro" if is_read_only else mode,
    )
    volumes.follow_attachments(tx, volume_id)
    return attachment_id


def _check_attachable(tx: Connection, volume: AnyRow, instance_id: str | None) -> None:
    if volume.status == "available" or (volume.multiattach and volume.status == "in-use"):
        return
    # Nova moves an instance between hosts with a second attachment of the same instance.
    if volume.status in {"in-use", "reserved"} and _find_of_instance(tx, volume.id, instance_id):
        return
    needed = "available or in-use" if volume.multiattach else "available"
    raise Conflict(f"Volume {volume.id} is {volume.status}; to be attached it must be {needed}.")


def _find_of_instance(tx: Connection, volume_id: str, instance_id: str | None) -> AnyRow | None:
    if instance_id is None:
        return None
    return next((row for row in attachments.of_volume(tx, volume_id) if row.instance_id == instance_id), None)


def complete(tx: Connection, caller: Caller, attachment_id: str) -> None:
    """The host has the device: the attachment is attached, and the volume in use."""
    attachment = attachments.get(tx, attachment_id, scope_of(caller))
    attachments.move(tx, attachment_id, "complete")
    volumes.lock(tx, attachment.volume_id, None)
    volumes.follow_attachments(tx, attachment.volume_id)


def follow_the_end(tx: Connection, volume_id: str) -> None:
    """After an attachment has ended or failed: the volume's statuses follow, but one in error stays in error.

    A detach must not be refused for it: its operation would never end.
    """
    if volumes.lock(tx, volume_id, None).status in _FOLLOWING:
        volumes.follow_attachments(tx, volume_id)
        return
    _, attach_status = volume_status_after([row.status for row in attachments.of_volume(tx, volume_id)])
    volumes.change(tx, volume_id, attach_status=attach_status)


def forget_mode(tx: Connection, volume: AnyRow) -> None:
    """Nobody has the volume any more: how it was attached is no longer told."""
    left = {key: value for key, value in volume.admin_metadata.items() if key != "attached_mode"}
    volumes.change(tx, volume.id, admin_metadata=left)


def reserve_volume(tx: Connection, caller: Caller, volume_id: str) -> None:
    """`os-reserve`: the volume is `attaching`, and waits for the client to attach it."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    if volume.status == "in-use" and not volume.multiattach:
        raise Conflict(f"Volume {volume_id} is in-use, and not of a type that can be attached twice.")
    volumes.move(tx, volume_id, "reserve", previous_status=volume.status)


def unreserve_volume(tx: Connection, caller: Caller, volume_id: str) -> None:
    """`os-unreserve`: as it was. A volume that is not `attaching` is left alone."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    if volume.status == "attaching":
        is_used = any(row.status == "attached" for row in attachments.of_volume(tx, volume_id))
        volumes.move(tx, volume_id, "unreserve", to="in-use" if is_used else "available", previous_status=None)


def begin_detaching(tx: Connection, caller: Caller, volume_id: str) -> None:
    """`os-begin_detaching`: the volume is `detaching`, and waits for the client to detach it."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    if volume.attach_status != "attached":
        raise Conflict(f"Volume {volume_id} is not attached.")
    volumes.move(tx, volume_id, "begin_detaching")


def roll_detaching(tx: Connection, caller: Caller, volume_id: str) -> None:
    """`os-roll_detaching`: in use again. A volume that is not `detaching` is left alone."""
    if volumes.lock(tx, volume_id, scope_of(caller)).status == "detaching":
        volumes.move(tx, volume_id, "roll_detaching")


def attach(tx: Connection, caller: Caller, volume_id: str, wish: dict[str, Any]) -> None:
    """`os-attach`: the client has connected the volume itself; `wish` has the action's keys."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    if volume.status == "maintenance":
        raise Conflict(f"Volume {volume_id} is under maintenance.")
    instance_id, host_name = wish.get("instance_uuid"), _host_name(wish.get("host_name"))
    if _is_attached_to(tx, volume_id, instance_id, host_name):
        return
    if volume.status == "in-use" and not volume.multiattach:
        raise Conflict(f"Volume {volume_id} is in-use, and not of a type that can be attached twice.")
    mode = wish.get("mode", "rw")
    if mode == "rw" and volume.admin_metadata.get("readonly") == "True":
        raise Malformed(f"Volume {volume_id} is read-only: attach it with mode ro.")
    attachment_id = _connected_without_instance(tx, volume_id)
    if attachment_id is None:
        attachment_id = str(uuid.uuid4())
        attachments.add(tx, id=attachment_id, volume_id=volume_id, project_id=volume.project_id)
    whom = {"instance_id": instance_id, "host_name": host_name}
    values = {**whom, "mountpoint": wish["mountpoint"], "attach_mode": mode, "attached_at": now_text()}
    attachments.move(tx, attachment_id, "complete", **values)
    metadata = {"readonly": str(volume.admin_metadata.get("readonly") == "True"), "attached_mode": mode}
    volumes.change(tx, volume_id, admin_metadata={**volume.admin_metadata, **metadata})
    volumes.follow_attachments(tx, volume_id)


def _is_attached_to(tx: Connection, volume_id: str, instance_id: str | None, host_name: str | None) -> bool:
    """Whether the server has the volume already, or, where none is named, the host."""
    attached = [row for row in attachments.of_volume(tx, volume_id) if row.status == "attached"]
    if instance_id is not None:
        return any(row.instance_id == instance_id for row in attached)
    return any(row.host_name == host_name for row in attached)


def _host_name(told: str | None) -> str | None:
    """The name as hosts are written (RFC 952): letters, digits, dots and hyphens, in lower case."""
    if not told:
        return None
    letters = re.sub(r"[ _]", "-", told.encode("latin-1", "ignore").decode("latin-1"))
    return re.sub(r"[^\w.-]+", "", letters).lower().strip(".-")


def reserve_connection(tx: Connection, volume: AnyRow, connector: Connector) -> tuple[str, bool]:
    """The attachment that `os-initialize_connection` exports to this host, and whether it is new or was the host's."""
    for row in attachments.of_volume(tx, volume.id):
        if row.connector is not None and row.connector.get("initiator") == connector.get("initiator"):
            return str(row.id), False
    attachment_id = str(uuid.uuid4())
    attachments.add(tx, id=attachment_id, volume_id=volume.id, project_id=volume.project_id)
    return attachment_id, True


def _connected_without_instance(tx: Connection, volume_id: str) -> str | None:
    """The attachment that `os-initialize_connection` made, and that no `os-attach` has claimed."""
    for row in attachments.of_volume(tx, volume_id):
        if row.status == "attaching" and row.connector is not None and row.instance_id is None:
            return str(row.id)
    return None
