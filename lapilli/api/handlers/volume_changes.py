"""The actions that change a volume itself: its size, its statuses, its marks."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import microversions as since
from lapilli.api.actions import Action
from lapilli.api.faults import Status
from lapilli.api.formats import to_bool
from lapilli.api.handlers import volumes as volumes_api
from lapilli.api.handlers.volumes import target
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import volume_actions as bodies
from lapilli.db import volumes
from lapilli.model.errors import Conflict
from lapilli.operations import extend_volume, reset_volume, revert_volume
from lapilli.operations.desks import SCHEDULER_QUEUE, volume_queue

_ADMIN_RULE: Final = "volume_extension:volume_admin_actions"


def _extend(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    online = request.minor >= since.EXTEND_IN_USE

    def work(tx: Connection) -> None:
        volume = target(tx, request, id, "volume:extend")
        if volume.status == "in-use" and online:
            request.enforce("volume:extend_attached_volume", {"project_id": volume.project_id})
        extend_volume.admit(tx, request.caller, request.around.rules, id, int(wish["new_size"]), online=online)

    request.around.db.write(work)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return Reply()


def _extend_completion(request: Request, id: str, _wish: dict[str, Any]) -> Reply:
    """For hypervisors that grow a volume's file themselves. This service grows all volumes, and awaits no report."""
    with request.around.db.read() as tx:
        volume = target(tx, request, id, f"{_ADMIN_RULE}:extend_volume_completion")
    if volume.status != "extending":
        raise Conflict(f"Volume {id} is {volume.status}, and not being extended.")
    raise Conflict(f"The growth of volume {id} does not wait for a report of its end.")


def _revert(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> str:
        volume = target(tx, request, id, "volume:revert_to_snapshot")
        revert_volume.admit(tx, request.caller, id, wish.get("snapshot_id"))
        return str(volume.host)

    try:
        host = request.around.db.write(work)
    except Conflict as error:
        raise Status(409, str(error)) from error
    request.around.wake.ring(volume_queue(host.partition("#")[0]))
    return Reply()


def _force_delete(request: Request, id: str, _wish: object) -> Reply:
    volumes_api.remove(request, id, f"{_ADMIN_RULE}:force_delete", cascade=False, force=True)
    return Reply()


def _reset_status(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        target(tx, request, id, f"{_ADMIN_RULE}:reset_status")
        reset_volume.reset(tx, id, **{key: value and value.lower() for key, value in wish.items()})

    request.around.db.write(work)
    return Reply()


def _set_bootable(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        target(tx, request, id, "volume:update")
        volume = volumes.lock(tx, id, None)
        if volume.status == "maintenance":
            raise Conflict(f"Volume {id} is under maintenance.")
        volumes.change(tx, id, bootable=to_bool(wish["bootable"]))

    request.around.db.write(work)
    return Reply()


def _update_readonly_flag(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        target(tx, request, id, "volume:update_readonly_flag")
        volume = volumes.lock(tx, id, None)
        if volume.status != "available":
            raise Conflict(f"Volume {id} is {volume.status}; it must be available.")
        flag = str(to_bool(wish["readonly"]))
        volumes.change(tx, id, admin_metadata={**volume.admin_metadata, "readonly": flag})

    request.around.db.write(work)
    return Reply()


ACTIONS: Final[Mapping[str, Action]] = {
    "os-extend": Action(_extend, bodies.EXTEND),
    "os-extend_volume_completion": Action(_extend_completion, bodies.EXTEND_COMPLETION),
    "os-force_delete": Action(_force_delete),
    "os-reset_status": Action(_reset_status, bodies.RESET_STATUS),
    "os-set_bootable": Action(_set_bootable, bodies.SET_BOOTABLE, status=200),
    "os-update_readonly_flag": Action(_update_readonly_flag, bodies.UPDATE_READONLY),
    "revert": Action(_revert, bodies.REVERT, since=since.REVERT),
}
