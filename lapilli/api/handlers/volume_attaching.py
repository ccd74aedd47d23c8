"""The actions that attach a volume to a host, and detach it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.api import answers
from lapilli.api.actions import Action, Run
from lapilli.api.faults import Status
from lapilli.api.handlers import attachments as attachments_api
from lapilli.api.handlers.volumes import target
from lapilli.api.request import Reply, Request
from lapilli.api.schemas import volume_actions as bodies
from lapilli.api.views.attachments import CONNECTION
from lapilli.db import attachments
from lapilli.model.errors import Conflict, Malformed
from lapilli.operations import attach_volume, connect_attachment
from lapilli.operations.desks import volume_queue

_RULE: Final = "volume_extension:volume_actions"
_ADMIN_RULE: Final = "volume_extension:volume_admin_actions"


def _row_action(rule: str, verb: Callable[[Connection, Any, str], None]) -> Run:
    """An action without arguments that only changes rows."""

    def run(request: Request, id: str, _wish: object) -> Reply:
        def work(tx: Connection) -> None:
            target(tx, request, id, rule)
            verb(tx, request.caller, id)

        request.around.db.write(work)
        return Reply()

    return run


def _attach(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def work(tx: Connection) -> None:
        target(tx, request, id, f"{_RULE}:attach")
        attach_volume.attach(tx, request.caller, id, wish)

    request.around.db.write(work)
    return Reply()


def _detach(request: Request, id: str, wish: dict[str, Any] | None) -> Reply:
    return _end(request, id, f"{_RULE}:detach", (wish or {}).get("attachment_id") or None)


def _force_detach(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    return _end(request, id, f"{_ADMIN_RULE}:force_detach", wish.get("attachment_id") or None, is_forced=True)


def _end(request: Request, id: str, rule: str, attachment_id: str | None, *, is_forced: bool = False) -> Reply:
    """End the attachment that is named, or the only one there is. A volume that has it no more is put right."""
    with request.around.db.read() as tx:
        volume = target(tx, request, id, rule)
        attached = attachments.of_volume(tx, id)
        # Older clients end the connection first, and with it goes the attachment that they then detach.
        # Who has begun to attach since then keeps their reservation.
        has_gone = volume.status != "attaching" and attachments.has_gone(tx, attachment_id, id)
        named = attachments.find(tx, attachment_id, request.scope) if attachment_id else None
    if volume.status == "maintenance":
        raise Conflict(f"Volume {id} is under maintenance.")
    if not attachments_api.is_service(request):
        if named is not None and named.volume_id != id:
            raise Malformed(f"Attachment {attachment_id} is of volume {named.volume_id}.")
        if attachment_id is not None and named is None and not has_gone:
            raise Status(409, f"Volume {id} has no attachment {attachment_id}.")
    if attachment_id is None and len(attached) > 1:
        raise Malformed(f"Volume {id} has {len(attached)} attachments; say which with attachment_id.")
    meant = [row for row in attached if attachment_id in {None, row.id}]
    attachments_api.end(request, meant, is_forced=is_forced)
    if not meant:
        request.around.db.write(lambda tx: attach_volume.follow_the_end(tx, id))
    return Reply()


def _initialize_connection(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    def reserve(tx: Connection) -> attachments_api.Admitted:
        volume = target(tx, request, id, f"{_RULE}:initialize_connection")
        connector = _connector(wish)
        attachment_id, is_new = attach_volume.reserve_connection(tx, volume, connector)
        operation_id = connect_attachment.admit(tx, request.caller, attachment_id, connector, is_new=is_new)
        return operation_id, volume_queue(volume.host.partition("#")[0])

    flat = answers.result_of(request, *request.around.db.write(reserve))
    kind = flat.pop("driver_volume_type")
    del flat["attachment_id"]
    info = {"driver_volume_type": kind, "data": flat, "enforce_multipath": flat["enforce_multipath"]}
    return Reply({"connection_info": info})


def _terminate_connection(request: Request, id: str, wish: dict[str, Any]) -> Reply:
    with request.around.db.read() as tx:
        target(tx, request, id, f"{_RULE}:terminate_connection")
        attached = [row for row in attachments.of_volume(tx, id) if row.connector is not None]
    initiator = _connector(wish).get("initiator") if wish["connector"] else None
    attachments_api.end(request, [row for row in attached if initiator in {None, row.connector.get("initiator")}])
    return Reply()


def _connector(wish: dict[str, Any]) -> dict[str, Any]:
    connector = wish["connector"]
    if not isinstance(connector, dict):
        raise Malformed("The connector must be an object with what the host says of itself.")
    return connector


ACTIONS: Final[Mapping[str, Action]] = {
    "os-attach": Action(_attach, bodies.ATTACH),
    "os-begin_detaching": Action(_row_action(f"{_RULE}:begin_detaching", attach_volume.begin_detaching)),
    "os-detach": Action(_detach, bodies.DETACH),
    "os-force_detach": Action(_force_detach, bodies.FORCE_DETACH),
    "os-initialize_connection": Action(
        _initialize_connection, bodies.INITIALIZE_CONNECTION, status=200, answer=CONNECTION
    ),
    "os-reserve": Action(_row_action(f"{_RULE}:reserve", attach_volume.reserve_volume)),
    "os-roll_detaching": Action(_row_action(f"{_RULE}:roll_detaching", attach_volume.roll_detaching)),
    "os-terminate_connection": Action(_terminate_connection, bodies.TERMINATE_CONNECTION),
    "os-unreserve": Action(_row_action(f"{_RULE}:unreserve", attach_volume.unreserve_volume)),
}
