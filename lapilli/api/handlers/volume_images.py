"""The actions between volumes and images: upload, reimage, and what a volume remembers of its image."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import items
from lapilli.api import microversions as since
from lapilli.api.actions import Action
from lapilli.api.faults import Status
from lapilli.api.formats import to_bool
from lapilli.api.handlers.volumes import target
from lapilli.api.image_source import image_service
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import volume_images as bodies
from lapilli.api.views import images as views
from lapilli.db import attachments, types, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, LapilliError, Malformed, NotFound
from lapilli.model.images import NewImage
from lapilli.operations import reimage_volume, upload_image
from lapilli.operations.desks import volume_queue

_METADATA_RULE: Final = "volume_extension:volume_image_metadata"
_CLOSED_IN: Final = frozenset({"maintenance", "uploading"})
_LONGEST_BYTES: Final = 65535


def _upload(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    images, rules = image_service(request), request.around.rules
    force = to_bool(wish.get("force", False))
    with request.around.db.read() as tx:
        volume = target(tx, request, id, "volume_extension:volume_actions:upload_image")
    if wish.get("visibility") == "public":
        request.enforce("volume_extension:volume_actions:upload_public")
    wanted = _wanted(request, volume, wish)
    upload_image.check(volume, rules, wanted, force=force)
    image = images.create(wanted, request.caller)

    def admit(tx: Connection) -> tuple[AnyRow, AnyRow]:
        upload_image.admit(tx, request.caller, rules, id, image=wanted, force=force)
        row = volumes.get(tx, id, None)
        return row, types.get(tx, row.volume_type_id, None)

    try:
        row, kind = request.around.db.write(admit)
    except LapilliError:
        images.set_properties(image.id, {"protected": False})
        images.delete(image.id)
        raise
    _ring(request, row)
    return Reply({"os-volume_upload_image": views.upload(request, row, kind, image)})


def _wanted(request: Request, volume: AnyRow, wish: Mapping[str, Any]) -> NewImage:
    image = NewImage(
        id=str(uuid.uuid4()),
        name=wish["image_name"],
        disk_format=wish.get("disk_format", "raw"),
        container_format=wish.get("container_format") or "bare",
        properties=upload_image.properties(volume, request.around.rules),
    )
    if request.minor < since.UPLOAD_VISIBILITY:
        return image
    protected = to_bool(wish.get("protected", False))
    return replace(image, visibility=wish.get("visibility", "private"), protected=protected)


def _reimage(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    reserved = to_bool(wish.get("reimage_reserved", False))
    rules = request.around.rules
    with request.around.db.read() as tx:
        _reimaged(tx, request, id)
    image = image_service(request).show(wish["image_id"], request.caller)

    def admit(tx: Connection) -> AnyRow:
        row = _reimaged(tx, request, id)
        if len(attachments.of_volume(tx, id)) > 1:
            raise Status(409, f"Volume {id} is attached to more than one server.")
        reimage_volume.admit(tx, request.caller, rules, id, image, reserved=reserved)
        return row

    _ring(request, request.around.db.write(admit))
    return Reply()


def _reimaged(tx: Connection, request: Request, id: str) -> AnyRow:
    row = target(tx, request, id, "volume:reimage")
    if row.status == "reserved":
        request.enforce("volume:reimage_reserved", {"project_id": row.project_id})
    return row


def _ring(request: Request, row: AnyRow) -> None:
    request.around.wake.ring(volume_queue(row.host.partition("#")[0]))


def _set_metadata(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    added: dict[str, str] = wish["metadata"]
    for key, value in added.items():
        if len(value.encode()) > _LONGEST_BYTES:
            raise Malformed(f"The value of {key} is longer than {_LONGEST_BYTES} bytes.")
    return Reply({"metadata": _change(request, id, "set", lambda found: {**found, **added})})


def _show_metadata(request: Request, id: str, _wish: object) -> Reply:
    with request.around.db.read() as tx:
        row = target(tx, request, id, "volume:get_volume_metadata")
    if not row.image_metadata:
        raise NotFound("Image metadata of volume", id)
    return Reply({"metadata": row.image_metadata})


def _unset_metadata(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    key: str = wish["key"]
    _change(request, id, "remove", lambda found: items.less(found, key, "Image metadata item"))
    return Reply()


def _change(
    request: Request, id: str, rule: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]
) -> Mapping[str, str]:
    def work(tx: Connection) -> Mapping[str, str]:
        row = volumes.lock(tx, id, request.scope)
        request.enforce(f"{_METADATA_RULE}:{rule}", {"project_id": row.project_id})
        if row.status in _CLOSED_IN:
            raise Conflict(f"The image metadata of volume {id} cannot be changed while it is {row.status}.")
        changed = change(row.image_metadata)
        volumes.change(tx, id, image_metadata=changed)
        return changed

    return request.around.db.write(work)


ACTIONS: Final[Mapping[str, Action]] = {
    "os-reimage": Action(_reimage, bodies.REIMAGE, since=since.REIMAGE),
    "os-set_image_metadata": Action(_set_metadata, bodies.SET_METADATA, status=200, answer=views.METADATA),
    "os-show_image_metadata": Action(_show_metadata, status=200, answer=views.METADATA),
    "os-unset_image_metadata": Action(_unset_metadata, bodies.UNSET_METADATA, status=200),
    "os-volume_upload_image": Action(
        _upload,
        bodies.UPLOAD,
        later={since.UPLOAD_VISIBILITY: bodies.UPLOAD_WITH_VISIBILITY},
        answer=views.UPLOAD,
    ),
}
