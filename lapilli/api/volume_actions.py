"""`POST /volumes/{id}/action`: one function for each action."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import answers
from lapilli.api import attachments as attachments_api
from lapilli.api import volumes as volumes_api
from lapilli.api.formats import to_bool
from lapilli.api.request import Reply, Request
from lapilli.db import attachments, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.operations import attach_volume, extend_volume, reset_volume
from lapilli.operations.desks import SCHEDULER_QUEUE

_ACTIONS_RULE: Final = "volume_extension:volume_actions"
_ADMIN_RULE: Final = "volume_extension:volume_admin_actions"
_EXTENDS_IN_USE: Final = 42
"""The microversion from which a volume may grow while it is attached."""


def act(request: Request, id: str) -> Reply:
    """Do what the body's only key names."""
    ((name, wish),) = request.body.items()
    return _ACTIONS[name](request, id, wish)


def _target(tx: Connection, request: Request, id: str, rule: str) -> AnyRow:
    """The volume, if the policy lets the caller do this to it."""
    volume = volumes.get(tx, id, request.scope)
    request.enforce(rule, {"project_id": volume.project_id})
    return volume


def _row_action(rule: str, verb: Callable[[Connection, Any, str], None]) -> Callable[[Request, str, Any], Reply]:
    """An action without arguments that only changes rows."""

    def run(request: Request, id: str, _wish: object) -> Reply:
        def work(tx: Connection) -> None:
            _target(tx, request, id, rule)
            verb(tx, request.caller, id)

        request.around.db.write(work)
        return Reply()

    return run


def _attach(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        _target(tx, request, id, f"{_ACTIONS_RULE}:attach")
        attach_volume.attach(tx, request.caller, id, wish)

    request.around.db.write(work)
    return Reply()


def _detach(request: Request, id: str, wish: dict[str, Any] | None) -> Reply:
    with request.around.db.read() as tx:
        _target(tx, request, id, f"{_ACTIONS_RULE}:detach")
        attached = attachments.of_volume(tx, id)
    asked = (wish or {}).get("attachment_id")
    if asked is None and len(attached) > 1:
        raise Malformed(f"Volume {id} has {len(attached)} attachments; say which with attachment_id.")
    for row in attached:
        if asked in {None, row.id}:
            attachments_api.disconnect(request, row)
    return Reply()


def _force_detach(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    with request.around.db.read() as tx:
        _target(tx, request, id, f"{_ADMIN_RULE}:force_detach")
        attached = attachments.of_volume(tx, id)
    for row in attached:
        if wish.get("attachment_id") in {None, row.id}:
            attachments_api.disconnect(request, row)
    return Reply()


def _initialize_connection(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def reserve(tx: Connection) -> attachments_api.Admitted:
        volume = _target(tx, request, id, f"{_ACTIONS_RULE}:initialize_connection")
        connector = _connector(wish)
        attachment_id, is_new = attach_volume.reserve_connection(tx, volume, connector)
        return attachments_api.admit(tx, request, attachment_id, connector, is_new=is_new)

    flat = answers.result_of(request, *request.around.db.write(reserve))
    kind = flat.pop("driver_volume_type")
    enforce_multipath = flat.pop("enforce_multipath")
    del flat["attachment_id"]
    info = {"driver_volume_type": kind, "data": flat, "enforce_multipath": enforce_multipath}
    return Reply({"connection_info": info}, status=200)


def _terminate_connection(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    with request.around.db.read() as tx:
        _target(tx, request, id, f"{_ACTIONS_RULE}:terminate_connection")
        attached = [row for row in attachments.of_volume(tx, id) if row.connector is not None]
    initiator = _connector(wish).get("initiator") if wish["connector"] else None
    for row in attached:
        if initiator in {None, row.connector.get("initiator")}:
            attachments_api.disconnect(request, row)
    return Reply()


def _connector(wish: dict[str, Any]) -> dict[str, Any]:
    connector = wish["connector"]
    if not isinstance(connector, dict):
        raise Malformed("The connector must be an object with what the host says of itself.")
    return connector


def _extend(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    online = request.minor >= _EXTENDS_IN_USE

    def work(tx: Connection) -> None:
        volume = _target(tx, request, id, "volume:extend")
        if volume.status == "in-use" and online:
            request.enforce("volume:extend_attached_volume", {"project_id": volume.project_id})
        extend_volume.admit(tx, request.caller, request.around.rules, id, int(wish["new_size"]), online=online)

    request.around.db.write(work)
    request.around.wake.ring(SCHEDULER_QUEUE)
    return Reply()


def _force_delete(request: Request, id: str, _wish: object) -> Reply:
    volumes_api.remove(request, id, cascade=False, force=True)
    return Reply()


def _reset_status(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        _target(tx, request, id, f"{_ADMIN_RULE}:reset_status")
        reset_volume.reset(tx, id, **{key: value and value.lower() for key, value in wish.items()})

    request.around.db.write(work)
    return Reply()


def _set_bootable(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        _target(tx, request, id, "volume:update")
        volumes.change(tx, id, bootable=to_bool(wish["bootable"]))

    request.around.db.write(work)
    return Reply(status=200)


def _update_readonly_flag(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        volume = _target(tx, request, id, "volume:update_readonly_flag")
        if volume.status != "available":
            raise Conflict(f"Volume {id} is {volume.status}; it must be available.")
        flag = str(to_bool(wish["readonly"]))
        volumes.change(tx, id, admin_metadata={**volume.admin_metadata, "readonly": flag})

    request.around.db.write(work)
    return Reply()


_ACTIONS: Final[Mapping[str, Callable[[Request, str, Any], Reply]]] = {
    "os-attach": _attach,
    "os-begin_detaching": _row_action(f"{_ACTIONS_RULE}:begin_detaching", attach_volume.begin_detaching),
    "os-detach": _detach,
    "os-extend": _extend,
    "os-force_delete": _force_delete,
    "os-force_detach": _force_detach,
    "os-initialize_connection": _initialize_connection,
    "os-reserve": _row_action(f"{_ACTIONS_RULE}:reserve", attach_volume.reserve_volume),
    "os-reset_status": _reset_status,
    "os-roll_detaching": _row_action(f"{_ACTIONS_RULE}:roll_detaching", attach_volume.roll_detaching),
    "os-set_bootable": _set_bootable,
    "os-terminate_connection": _terminate_connection,
    "os-unreserve": _row_action(f"{_ACTIONS_RULE}:unreserve", attach_volume.unreserve_volume),
    "os-update_readonly_flag": _update_readonly_flag,
}
